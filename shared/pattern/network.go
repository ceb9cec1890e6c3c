package pattern

import (
	"bytes"
	"net/netip"
)

// parseAddr reads an IPv4 or IPv6 address; an IPv4 address mapped into IPv6 is the IPv4 one. Text that is no address
// does not allocate.
func parseAddr(text []byte) (netip.Addr, bool) {
	if bytes.IndexByte(text, ':') < 0 {
		return parseAddr4(text)
	}
	if len(text) > len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255") {
		return netip.Addr{}, false
	}
	for _, c := range text {
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' || c == ':' || c == '.') {
			return netip.Addr{}, false
		}
	}
	addr, err := netip.ParseAddr(string(text))
	return addr.Unmap(), err == nil
}

func parseAddr4(text []byte) (netip.Addr, bool) {
	var quad [4]byte
	at, value, digits := 0, 0, 0
	for _, c := range text {
		switch {
		case c >= '0' && c <= '9' && (digits == 0 || value > 0): // no leading zeros: some read them as octal
			if value = value*10 + int(c-'0'); value > 255 {
				return netip.Addr{}, false
			}
			digits++
		case c == '.' && digits > 0 && at < 3:
			quad[at] = byte(value)
			at, value, digits = at+1, 0, 0
		default:
			return netip.Addr{}, false
		}
	}
	quad[at] = byte(value)
	return netip.AddrFrom4(quad), at == 3 && digits > 0
}
