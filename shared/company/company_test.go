package company

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestDomain(t *testing.T) {
	cases := []struct{ name, in, want string }{
		{"host", "initech.com", "initech.com"},
		{"below it", "www.shop.initech.com", "initech.com"},
		{"upper case", "WWW.Initech.COM", "initech.com"},
		{"e-mail", "Ann.Lee@Mail.Initech.co.uk", "initech.co.uk"},
		{"e-mail in brackets", "Ann <ann@initech.com>", "initech.com"},
		{"mailto", "mailto:ann@initech.com", "initech.com"},
		{"URL", "https://app.initech.com:8443/a?b=c#d", "initech.com"},
		{"URL with a user", "https://ann:secret@initech.com/", "initech.com"},
		{"URL with an address in its query", "https://initech.com?mail=a@other.com", "initech.com"},
		{"port", "initech.com:80", "initech.com"},
		{"trailing dot", "initech.com.", "initech.com"},
		{"spaces around", "  initech.com\n", "initech.com"},
		{"second-level suffix", "a.b.initech.com.au", "initech.com.au"},
		{"wildcard suffix", "www.initech.com.ck", "initech.com.ck"},
		{"exception to a wildcard", "www.www.ck", "www.ck"},
		{"private suffix", "https://initech.myshopify.com/cart", "initech.myshopify.com"},
		{"international", "https://Shop.Bücher.de", "xn--bcher-kva.de"},
		{"already punycode", "xn--bcher-kva.de", "xn--bcher-kva.de"},
		{"international suffix", "例子.中国", "xn--fsqu00a.xn--fiqs8s"},
		{"underscore below", "my_app.initech.com", "initech.com"},
		{"reserved for documentation", "ann@quill.example", "quill.example"},
		{"digits", "3com.com", "3com.com"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, ok := Domain(c.in)
			if got != c.want || !ok {
				t.Errorf("Domain(%q) = %q, %v; want %q, true", c.in, got, ok, c.want)
			}
		})
	}
}

func TestDomainRefuses(t *testing.T) {
	cases := []struct{ name, in string }{
		{"nothing", ""},
		{"spaces", "  "},
		{"localhost", "localhost"},
		{"localhost with a port", "http://localhost:3000/pricing"},
		{"below localhost", "app.localhost"},
		{"IPv4", "192.168.1.10"},
		{"IPv4 in a URL", "http://10.0.0.1:8080/x"},
		{"IPv6", "::1"},
		{"IPv6 in a URL", "http://[2001:db8::1]:80/"},
		{"IPv4 as an address's host", "ann@[192.168.1.1]"},
		{"private network", "printer.local"},
		{"mistyped top level", "ann@gmail.con"},
		{"bare suffix", "co.uk"},
		{"bare private suffix", "github.io"},
		{"top level alone", "com"},
		{"no host after @", "ann@"},
		{"empty label", "a..com"},
		{"leading dot", ".initech.com"},
		{"leading hyphen", "-initech.com"},
		{"trailing hyphen", "initech-.com"},
		{"underscore in the registrable part", "ini_tech.com"},
		{"blank inside", "ini tech.com"},
		{"label of 64", strings.Repeat("a", 64) + ".com"},
		{"too long", strings.Repeat("a.", 130) + "com"},
		{"broken punycode characters", "b\xffcher.de"},
		{"app link", "android-app://com.slack"},
		{"data URL", "data:text/plain"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got, ok := Domain(c.in); ok || got != "" {
				t.Errorf("Domain(%q) = %q, %v; want refusal", c.in, got, ok)
			}
			if got := ClassOf(c.in); got != Invalid {
				t.Errorf("ClassOf(%q) = %v; want invalid", c.in, got)
			}
		})
	}
}

func TestClassOf(t *testing.T) {
	cases := []struct {
		in   string
		want Class
	}{
		{"initech.com", Business},
		{"ann@initech.com", Business},
		{"gmail.com", FreeMail},
		{"Ann@GMAIL.com", FreeMail},
		{"ann@yahoo.co.uk", FreeMail},
		{"ann@vip.qq.com", FreeMail},
		{"ann@mail.mailinator.com", Disposable},
		{"ann@yopmail.com", Disposable},
		{"github.com", Business},
		{"1+ann@users.noreply.github.com", FreeMail},
		{"abc@privaterelay.appleid.com", FreeMail},
		{"notgmail.com", Business},
		{"gmail.com.initech.com", Business},
	}
	for _, c := range cases {
		if got := ClassOf(c.in); got != c.want {
			t.Errorf("ClassOf(%q) = %v, want %v", c.in, got, c.want)
		}
	}
}

func TestAccountOf(t *testing.T) {
	cases := []struct{ name, in, want string }{
		{"business", "Ann@Mail.Initech.com", "account:initech.com"},
		{"spaces around", " ann@initech.com ", "account:initech.com"},
		{"plus address", "ann+demo@initech.co.uk", "account:initech.co.uk"},
		{"free mail", "ann@gmail.com", ""},
		{"relay below a business", "1+ann@users.noreply.github.com", ""},
		{"disposable", "ann@guerrillamail.com", ""},
		{"no local part", "@initech.com", ""},
		{"a host", "initech.com", ""},
		{"a URL with a user", "https://ann@initech.com", ""},
		{"two at signs", "ann@home@initech.com", ""},
		{"localhost", "root@localhost", ""},
		{"two addresses", "ann@initech.com,bob@initech.com", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, ok := AccountOf(c.in)
			if got != c.want || ok != (c.want != "") {
				t.Errorf("AccountOf(%q) = %q, %v; want %q", c.in, got, ok, c.want)
			}
		})
	}
}

func TestListsHoldOnlyHostsThatCanBeLookedUp(t *testing.T) {
	seen := map[string]bool{}
	for file, text := range map[string]string{"freemail.txt": freeMailText, "disposable.txt": disposableText} {
		n := 0
		for line := range strings.Lines(text) {
			line = strings.TrimSpace(line)
			if line == "" || line[0] == '#' {
				continue
			}
			n++
			if host, ok := hostOf(line); !ok || host != line {
				t.Errorf("%s: %q is looked up as %q, %v", file, line, host, ok)
			}
			if _, ok := registrableOf(line); !ok {
				t.Errorf("%s: %q has no registrable domain, so it is never looked up", file, line)
			}
			if seen[line] {
				t.Errorf("%s: %q is listed twice", file, line)
			}
			seen[line] = true
		}
		if n < 300 {
			t.Errorf("%s lists %d hosts, want some hundreds", file, n)
		}
	}
}

func TestNormaliseName(t *testing.T) {
	cases := []struct{ in, want string }{
		{"Initech, Inc.", "initech"},
		{"INITECH INC", "initech"},
		{"The Initech Corporation", "initech"},
		{"Initech Group Ltd.", "initech group"},
		{"Procter & Gamble Co.", "procter and gamble"},
		{"Müller GmbH & Co. KG", "muller"},
		{"Société Générale S.A.", "societe generale"},
		{"Bücher.de AG", "bucher de"},
		{"Luigi S.p.A.", "luigi"},
		{"Novo Nordisk A/S", "novo nordisk"},
		{"Allegro sp. z o.o.", "allegro"},
		{"Cemex S.A. de C.V.", "cemex"},
		{"Acme S. de R.L. de C.V.", "acme"},
		{"O'Reilly Media, Inc.", "oreilly media"},
		{"Ærø Brød ApS", "aero brod"},
		{"3M Company", "3m"},
		{"株式会社 日立", "株式会社 日立"},
		{"Inc.", "inc"},
		{"The", "the"},
		{"", ""},
		{" -- ", ""},
		{"Fjord & Co", "fjord"},
	}
	for _, c := range cases {
		if got := NormaliseName(c.in); got != c.want {
			t.Errorf("NormaliseName(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestDomainAndNameAreStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-zA-Z0-9.@:/_-]{0,30}\.(com|co\.uk|de|example|local)`)).Draw(t, "text")
		if d, ok := Domain(s); ok {
			if again, ok := Domain(d); !ok || again != d {
				t.Fatalf("Domain(%q) = %q, but Domain of that is %q, %v", s, d, again, ok)
			}
		}
		n := NormaliseName(s)
		if again := NormaliseName(n); again != n && n != "" && !strings.HasPrefix(n, "the ") {
			t.Fatalf("NormaliseName(%q) = %q, but of that it is %q", s, n, again)
		}
	})
}

func FuzzDomain(f *testing.F) {
	for _, s := range []string{"ann@initech.com", "https://[::1]:80", "例子.中国", "a..b", "@", ":"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, ok := Domain(s)
		if ok == (d == "") {
			t.Fatalf("Domain(%q) = %q, %v", s, d, ok)
		}
		if account, ok := AccountOf(s); ok && account != "account:"+d {
			t.Fatalf("AccountOf(%q) = %q, but Domain is %q", s, account, d)
		}
	})
}

func BenchmarkAccountOf(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		AccountOf("ann.lee@mail.initech.com")
	}
}
