package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// tolerance is how far a request's own time may be from ours: both tools say five minutes. Beyond it a request that
// somebody recorded could be played again.
const tolerance = 5 * time.Minute

// request is what signatures are made of.
type request struct {
	method string
	url    string
	header func(name string) string // by lower-case name
	body   []byte
}

// mac is the HMAC-SHA256 of some texts, one after the other.
func mac(secret string, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// fresh tells whether a request was signed within the tolerance, before or after.
func fresh(signed, now time.Time) bool { return now.Sub(signed).Abs() <= tolerance }

// hubspotSigned checks version 3: base64 of the HMAC of method, address, body and time in milliseconds, without anything
// between them. https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
func hubspotSigned(r *request, secrets []string, now time.Time) bool {
	stamp := r.header("x-hubspot-request-timestamp")
	ms, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || !fresh(time.UnixMilli(ms), now) {
		return false
	}
	given, err := base64.StdEncoding.DecodeString(r.header("x-hubspot-signature-v3"))
	if err != nil {
		return false
	}
	good := false
	for _, s := range secrets {
		want := mac(s, []byte(r.method), []byte(hubspotAddress(r.url)), r.body, []byte(stamp))
		good = hmac.Equal(given, want) || good // always all of them: how long it takes tells nothing
	}
	return good
}

// decoded are the characters that HubSpot writes as they are in the address that it signs.
var decoded = strings.NewReplacer(
	"%3A", ":", "%2F", "/", "%3F", "?", "%40", "@", "%21", "!", "%24", "$", "%27", "'", "%28", "(", "%29", ")", "%2A", "*", "%2C", ",", "%3B", ";",
	"%3a", ":", "%2f", "/", "%3f", "?", "%2a", "*", "%2c", ",", "%3b", ";",
)

func hubspotAddress(url string) string { return decoded.Replace(url) }

// stripeSigned checks scheme v1: hex of the HMAC of the time in seconds, a dot and the body. While a secret is being
// replaced, the header has a v1 for each; other schemes are passed over, or a weaker one could be asked for.
// https://docs.stripe.com/webhooks/signature
func stripeSigned(r *request, secrets []string, now time.Time) bool {
	var stamp string
	var given [][]byte
	for _, part := range strings.Split(r.header("stripe-signature"), ",") {
		switch key, value, _ := strings.Cut(strings.TrimSpace(part), "="); key {
		case "t":
			stamp = value
		case "v1":
			if sum, err := hex.DecodeString(value); err == nil {
				given = append(given, sum)
			}
		}
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || !fresh(time.Unix(seconds, 0), now) {
		return false
	}
	good := false
	for _, s := range secrets {
		want := mac(s, []byte(stamp), []byte("."), r.body)
		for _, g := range given {
			good = hmac.Equal(g, want) || good
		}
	}
	return good
}
