package company

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// legal are the words and letters that name a legal form and say nothing about which company it is.
var legal = set("inc incorporated corp corporation co company ltd limited llc llp lllp lp plc pllc pc pbc " +
	"gmbh mbh ggmbh ag kg kgaa ohg ug gbr ev eg se sce sa sas sasu sarl eurl snc spa srl srls sapa scarl " +
	"bv nv vof cv ab as asa ans aps oy oyj hf ehf sl slu sll sau scl lda ltda eireli " +
	"kk gk yk pty pte pvt private sdn bhd tbk " +
	"kft zrt nyrt doo eood ood sro jdoo ou sia uab jsc ojsc cjsc pjsc ooo oao zao pao " +
	"saoc saog wll fzco fzc fze dmcc")

// joining may stand between two legal forms: GmbH & Co. KG.
var joining = set("and und et")

// longForms are legal forms of several words, of which some would be a name by themselves.
var longForms = [][]string{{"sp", "z", "oo"}, {"spolka", "akcyjna"}, {"spol", "s", "ro"}, {"s", "ro"},
	{"sa", "de", "cv"}, {"sab", "de", "cv"}, {"s", "de", "rl"}, {"s", "de", "rl", "de", "cv"}}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// NormaliseName brings a company's name to the form in which two spellings of it are equal: lower case, no accents, no
// punctuation, "&" as "and", without a leading "the" and without legal forms at the end. "The Initech Group, Inc." →
// "initech group". A name that is nothing but legal forms is kept whole.
func NormaliseName(s string) string {
	words := nameWords(s)
	if len(words) > 1 && words[0] == "the" {
		words = words[1:]
	}
	name := words
	for cut := cutForm(name); len(cut) < len(name); cut = cutForm(name) {
		name = cut
	}
	if len(name) == 0 {
		name = words
	}
	return strings.Join(name, " ")
}

// cutForm takes one legal form off the end, and what joined it to the words before.
func cutForm(words []string) []string {
	end := len(words)
	if end > 0 && legal[words[end-1]] {
		end--
	}
	for _, f := range longForms {
		if n := len(words) - len(f); n > 0 && slices.Equal(words[n:], f) {
			end = min(end, n)
		}
	}
	for end > 0 && end < len(words) && joining[words[end-1]] {
		end--
	}
	return words[:end]
}

// nameWords splits into words of letters and digits. Single letters with only a dot or a slash between them are one
// word (S.A., d.o.o., A/S), apostrophes vanish (O'Reilly), accents too.
func nameWords(s string) []string {
	var words []string
	var word strings.Builder
	single := false // the last word is made of single letters, and only a dot or slash has come since
	flush := func() {
		if word.Len() == 0 {
			return
		}
		w := word.String()
		word.Reset()
		one := len([]rune(w)) == 1
		if one && single {
			words[len(words)-1] += w
			return
		}
		words, single = append(words, w), one
	}
	for _, r := range norm.NFKD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r) || r == '\'' || r == '’' || r == '`':
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			word.WriteString(fold(r))
		case r == '.' || r == '/':
			flush()
		case r == '&' || r == '+':
			flush()
			single = false
			words = append(words, "and")
		default:
			flush()
			single = false
		}
	}
	flush()
	return words
}

// fold lowers a letter and spells out those that do not decompose.
func fold(r rune) string {
	switch r = unicode.ToLower(r); r {
	case 'ß':
		return "ss"
	case 'ø':
		return "o"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'ł':
		return "l"
	case 'đ', 'ð':
		return "d"
	case 'þ':
		return "th"
	case 'ı':
		return "i"
	}
	return string(r)
}
