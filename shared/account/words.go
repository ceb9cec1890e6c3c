package account

import (
	"encoding/hex"
	"strings"
)

// How a string stands in an item: a varint whose lowest three bits say which of these it is, and then
//
//	plain   its length; its bytes
//	again   the number of an earlier string of the item, counted from 0
//	word    the number of a word
//	joined  the number, and one, of a word that the string begins with; the length of what follows; what follows
//	owned   likewise or 0 for no word, and the item's own key at its end: an address at the company's domain
//	hex     the number of bytes that its hexadecimal digits stand for; these bytes
//
// Of several ways the first that fits is taken, in the order again, word, hex, owned, joined, plain: equal items are
// equal bytes.
const (
	asPlain = iota
	asAgain
	asWord
	asJoined
	asOwned
	asHex
	waysBits = 3
)

// words are what items say often. An item holds their numbers, so the list may only be added to, at its end. A string
// that is no word costs its bytes, nothing else.
var words = strings.Fields(`
	email: user: anon: anon:segment/ anon:rudderstack/ customer:stripe/cus_ contact:salesforce/003 contact:hubspot/ group: account:
	invoice:stripe/in_1 opportunity:salesforce/006 opportunity:hubspot/ crm:salesforce/001 crm:hubspot/ https://
	name domain industry employees country region revenue technologies owner type competitor use_case parent renewal_date crm_id enriched
	activity known product sales won deal accepted hand_raised rejected lost canceled onboarded created
	email title phone city persona role company time_zone linkedin consent unsubscribed bounced test status lead_source
	stage close_date amount refunded open true false yes no given withdrawn Customer Prospect customer prospect
	new expansion renewal US GB DE FR CA SaaS Software
	none nurture low/low low/high high/low high/high
	marketing_automation ANONYMOUS_VISITOR KNOWN_LEAD MARKETING_QUALIFIED_LEAD SALES_QUALIFIED_LEAD ACTIVE_CUSTOMER POWER_USER ADVOCATE CHURNED
	request_lifecycle UNKNOWN IDENTIFIED_LEAD QUALIFIED CUSTOMER EXPANDED demand_waterfall VISITOR LEAD MQL SQL OPPORTUNITY
	hand_raise pql mql kick_off onboarding_stalled usage_falling champion_left renewal_90 renewal_60 renewal_30 win_back recycled
	DecisionMade ConversionRecorded CreditsDue EnrichmentWanted`)

var (
	wordOf   = map[string]uint64{}
	prefixes = map[byte][]uint64{} // words that a longer string may begin with, by their first letter
)

func init() {
	for i, w := range words {
		if _, twice := wordOf[w]; twice {
			continue
		}
		wordOf[w] = uint64(i)
		if last := w[len(w)-1]; last == ':' || last == '/' || strings.Contains(w, "/") && strings.Contains(w, ":") {
			prefixes[w[0]] = append(prefixes[w[0]], uint64(i))
		}
	}
}

// begins is the longest word that a string begins with: its number, and one; 0 for none.
func begins(s string) (number uint64, length int) {
	if s == "" {
		return 0, 0
	}
	for _, i := range prefixes[s[0]] {
		if w := words[i]; len(w) > length && strings.HasPrefix(s, w) {
			number, length = i+1, len(w)
		}
	}
	return number, length
}

// Strings that may stand again are not too short to gain by it, and not so long that they are documents.
const (
	minAgain = 3
	maxAgain = 256
	minOwn   = 4
)

func (w *writer) string(s string) {
	if i, ok := w.seen[s]; ok {
		w.uint(i<<waysBits | asAgain)
		return
	}
	if i, ok := wordOf[s]; ok {
		w.uint(i<<waysBits | asWord)
		return
	}
	if n := len(s); n >= minAgain && n <= maxAgain {
		w.seen[s] = uint64(len(w.seen))
	}
	if b, ok := digits(s); ok {
		w.uint(uint64(len(b))<<waysBits | asHex)
		w.body = append(w.body, b...)
		return
	}
	word, n := begins(s)
	way := uint64(asJoined)
	rest := s[n:]
	if len(w.own) >= minOwn && strings.HasSuffix(rest, w.own) {
		way, rest = asOwned, rest[:len(rest)-len(w.own)]
	}
	if word == 0 && way == asJoined {
		w.uint(uint64(len(s))<<waysBits | asPlain)
	} else {
		w.uint(word<<waysBits | way)
		w.uint(uint64(len(rest)))
	}
	w.body = append(w.body, rest...)
}

// digits are the bytes that a string of lower-case hexadecimal digits stands for.
func digits(s string) ([]byte, bool) {
	if len(s) < 8 || len(s) > maxAgain || len(s)%2 == 1 || strings.Trim(s, "0123456789abcdef") != "" {
		return nil, false
	}
	b, err := hex.DecodeString(s)
	return b, err == nil
}

func (r *reader) string() string {
	head := r.uint()
	n := head >> waysBits
	var s string
	switch head & (1<<waysBits - 1) {
	case asPlain:
		s = string(r.take(n))
	case asAgain:
		if n >= uint64(len(r.seen)) {
			r.fail("a string refers to one that is not there")
			return ""
		}
		return r.seen[n]
	case asWord:
		return r.word(n)
	case asJoined:
		s = r.word(n-1) + string(r.take(r.uint()))
	case asOwned:
		if n > 0 {
			s = r.word(n - 1)
		}
		s += string(r.take(r.uint())) + r.own
	case asHex:
		s = hex.EncodeToString(r.take(n))
	default:
		r.fail("a string of no known kind")
	}
	if len(s) >= minAgain && len(s) <= maxAgain {
		r.seen = append(r.seen, s)
	}
	return s
}

func (r *reader) word(n uint64) string {
	if n >= uint64(len(words)) {
		r.fail("a word that this version does not know")
		return ""
	}
	return words[n]
}

// take is the next n bytes, none where there are fewer.
func (r *reader) take(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.fail("cut short")
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}
