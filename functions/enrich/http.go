package enrich

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"handoff/shared/retry"
)

// HTTP asks a provider by GET for a JSON object with the names of Fields: text or numbers, technologies also as an
// array. 404 and 204 mean that it does not know the company. 429, 5xx and a broken connection are tried again within
// the call, after a pause that doubles or that Retry-After names; then, and for every other status, the question fails.
type HTTP struct {
	URL    string // holds {domain}, or is asked with ?domain=…
	Token  string // sent as a bearer token where it is not empty
	Client *http.Client
	// Timeout bounds one try, 0: 2 s. Tries is how often to try, 0: 3 times. Pause is the first pause, 0: 200 ms. The
	// worst case, for a full batch, has to stay below the function's timeout.
	Timeout time.Duration
	Tries   int
	Pause   time.Duration
	// Sleep waits, or returns the context's error. nil: by the wall clock.
	Sleep func(ctx context.Context, d time.Duration) error
}

const (
	maxPause  = 3 * time.Second // longer than that, the queue is the better place to wait
	maxAnswer = 1 << 20         // bytes
)

// errAgain marks a failure that may pass.
var errAgain = errors.New("try again")

// Lookup implements Provider.
func (h *HTTP) Lookup(ctx context.Context, domain string) (map[string]string, bool, error) {
	tries, pause := h.Tries, h.Pause
	if tries == 0 {
		tries = 3
	}
	if pause == 0 {
		pause = 200 * time.Millisecond
	}
	for try := 1; ; try++ {
		fields, found, after, err := h.once(ctx, domain)
		if !errors.Is(err, errAgain) || try >= tries || ctx.Err() != nil {
			return fields, found, err
		}
		wait := max(pause, after)
		if wait > maxPause {
			return nil, false, fmt.Errorf("the provider asks to wait %v: %w", wait, err)
		}
		if serr := h.sleep(ctx, wait); serr != nil {
			return nil, false, fmt.Errorf("%w (%w)", err, serr)
		}
		pause *= 2
	}
}

// once is one try. after is what Retry-After asks for.
func (h *HTTP) once(ctx context.Context, domain string) (fields map[string]string, found bool, after time.Duration, err error) {
	timeout := h.Timeout
	if timeout == 0 {
		timeout = 2 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := h.request(ctx, domain)
	if err != nil {
		return nil, false, 0, err
	}
	client := h.Client
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		var u *url.Error // prints the whole address, and with it a key in the query
		if errors.As(err, &u) {
			err = u.Err
		}
		return nil, false, 0, fmt.Errorf("%w: %w", errAgain, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case resp.StatusCode == http.StatusNotFound, resp.StatusCode == http.StatusNoContent:
		return nil, false, 0, nil
	case resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode >= 500:
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
		return nil, false, time.Duration(seconds) * time.Second, fmt.Errorf("%w: the provider answered %s", errAgain, resp.Status)
	case resp.StatusCode != http.StatusOK:
		return nil, false, 0, fmt.Errorf("the provider answered %s; look at its address and token", resp.Status)
	case err != nil:
		return nil, false, 0, fmt.Errorf("%w: read the answer: %w", errAgain, err)
	case len(body) > maxAnswer:
		return nil, false, 0, fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
	}
	fields, err = decode(body)
	return fields, err == nil, 0, err
}

func (h *HTTP) request(ctx context.Context, domain string) (*http.Request, error) {
	address := h.URL
	if strings.Contains(address, "{domain}") {
		address = strings.ReplaceAll(address, "{domain}", url.PathEscape(domain))
	} else {
		u, err := url.Parse(address)
		if err != nil {
			return nil, fmt.Errorf("the provider's address: %w", err)
		}
		q := u.Query()
		q.Set("domain", domain)
		u.RawQuery = q.Encode()
		address = u.String()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("the provider's address: %w", err)
	}
	req.Header.Set("Accept", "application/json")
	if h.Token != "" {
		req.Header.Set("Authorization", "Bearer "+h.Token)
	}
	return req, nil
}

// decode reads the fields of an answer. Others, which a provider may add at any time, are not looked at.
func decode(body []byte) (map[string]string, error) {
	var doc map[string]json.RawMessage
	if err := json.Unmarshal(body, &doc); err != nil {
		return nil, fmt.Errorf("the answer is no JSON object: %w", err)
	}
	fields := make(map[string]string, len(Fields))
	for _, name := range Fields {
		raw := doc[name]
		var text string
		var number json.Number
		var list []string
		switch {
		case len(raw) == 0 || string(raw) == "null":
		case json.Unmarshal(raw, &text) == nil:
			fields[name] = text
		case json.Unmarshal(raw, &number) == nil:
			fields[name] = number.String()
		case json.Unmarshal(raw, &list) == nil:
			fields[name] = strings.Join(list, ";")
		default:
			return nil, fmt.Errorf("the field %s of the answer is neither text, nor a number, nor a list of texts", name)
		}
	}
	return fields, nil
}

func (h *HTTP) sleep(ctx context.Context, d time.Duration) error {
	if h.Sleep != nil {
		return h.Sleep(ctx, d)
	}
	return retry.Sleep(ctx, d)
}
