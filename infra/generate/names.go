package generate

import "strconv"

// Every name is made up and every domain lies under .example (RFC 2606), so no real company or person is named.

var nameHeads = []string{
	"Alder", "Amber", "Anvil", "Apex", "Arbor", "Aspen", "Basalt", "Birch", "Bramble", "Brook", "Cairn", "Cedar",
	"Cinder", "Clover", "Cobalt", "Copper", "Coral", "Crescent", "Dapple", "Delta", "Drift", "Dune", "Ember", "Falcon",
	"Fathom", "Fennel", "Fern", "Flint", "Gale", "Garnet", "Glacier", "Granite", "Grove", "Harbor", "Hazel", "Heron",
	"Indigo", "Iris", "Juniper", "Kelp", "Kestrel", "Lantern", "Larch", "Lattice", "Lichen", "Linden", "Lumen", "Maple",
	"Marlin", "Mesa", "Mica", "Moss", "Nectar", "Nimbus", "Oak", "Onyx", "Opal", "Orchard", "Osprey", "Otter",
	"Pebble", "Pine", "Plover", "Prism", "Quartz", "Quill", "Raven", "Reed", "Ridge", "Rowan", "Russet", "Sable",
	"Saffron", "Sage", "Shale", "Sierra", "Slate", "Sorrel", "Spruce", "Summit", "Tallow", "Tamar", "Teal", "Thistle",
	"Tundra", "Umber", "Vale", "Verdant", "Violet", "Walnut", "Willow", "Wren", "Yarrow", "Yonder", "Zephyr", "Zinnia",
}

var nameTails = []string{
	"forge", "works", "stack", "loop", "line", "path", "field", "grid", "bridge", "port", "craft", "point", "ware",
	"metric", "pulse", "scale", "shift", "signal", "spring", "stone", "stream", "tide", "trail", "vault", "view",
	"wave", "wise", "yard", "beam", "cart",
}

var nameWords = []string{
	"", " Labs", " Systems", " Group", " Cloud", " Analytics", " Health", " Logistics", " Robotics", " Media",
	" Energy", " Finance", " Retail", " Security", " Learning", " Mobility",
}

var firstNames = []string{
	"Ada", "Aiko", "Alan", "Amara", "Anders", "Aria", "Bao", "Beatriz", "Bruno", "Carmen", "Chidi", "Clara", "Dalia",
	"Daniel", "Deepa", "Diego", "Edith", "Elif", "Emeka", "Emil", "Esther", "Farid", "Fatima", "Felix", "Freya",
	"Gita", "Grace", "Hana", "Haruto", "Hugo", "Ines", "Ingrid", "Ivan", "Jonas", "Joy", "Kaito", "Karim", "Kavya",
	"Lars", "Leila", "Lena", "Liam", "Lucia", "Maja", "Marco", "Mei", "Mina", "Nadia", "Nils", "Noor", "Olga", "Omar",
	"Priya", "Quentin", "Rania", "Ravi", "Rosa", "Sakura", "Sam", "Sara", "Sven", "Tariq", "Tess", "Theo", "Uma",
	"Vera", "Viktor", "Wei", "Yara", "Yusuf", "Zoe",
}

var lastNames = []string{
	"Abara", "Adler", "Almeida", "Amin", "Bakker", "Banerjee", "Becker", "Blom", "Brandt", "Castillo", "Chen", "Cole",
	"Costa", "Dahl", "Das", "Diaz", "Dubois", "Eklund", "Eriksen", "Farouk", "Ferrari", "Fischer", "Gallo", "Garcia",
	"Grant", "Haddad", "Hansen", "Hayashi", "Hoang", "Ibrahim", "Ito", "Jansen", "Joshi", "Kaya", "Keller", "Khan",
	"Kimura", "Kowalski", "Kumar", "Larsen", "Lehmann", "Lindqvist", "Lopez", "Mancini", "Marsh", "Mehta", "Moreau",
	"Mori", "Nakamura", "Ndiaye", "Novak", "Okafor", "Olsen", "Osei", "Park", "Patel", "Pereira", "Petrov", "Quinn",
	"Rahman", "Reyes", "Rossi", "Sato", "Schmidt", "Silva", "Singh", "Sorensen", "Suzuki", "Tanaka", "Torres",
	"Vasquez", "Vogel", "Walsh", "Weber", "Yilmaz", "Zhang",
}

// companyName gives the n-th company a name of its own: an affine walk through all combinations, then numbers.
func companyName(seed uint64, n int) (name, domain string) {
	base := len(nameHeads) * len(nameTails)
	total := base * len(nameWords)
	const step = 7919 // a prime that divides none of the lists' lengths
	offset := int(mix(seed) % uint64(base))
	round := n / total
	n %= total
	word := nameWords[n/base]
	k := (n%base*step + offset) % base
	name = nameHeads[k/len(nameTails)] + nameTails[k%len(nameTails)]
	domain = lower(name)
	if word != "" {
		name += word
		domain += "-" + lower(word[1:])
	}
	if round > 0 {
		name += " " + strconv.Itoa(round+1)
		domain += strconv.Itoa(round + 1)
	}
	return name, domain + ".example"
}

func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// titles per persona.
var titles = map[persona][]string{
	champion: {"Head of Platform", "Engineering Manager", "Principal Engineer", "Director of Data", "Staff Software Engineer",
		"Head of Growth Engineering", "Lead Developer", "Director of Engineering"},
	buyer:    {"CTO", "VP Engineering", "Chief Product Officer", "VP of Operations", "COO", "Director of Procurement"},
	engineer: {"Senior Software Engineer", "Software Engineer", "Data Engineer", "Backend Developer", "DevOps Engineer", "Solutions Architect", "Frontend Developer", "Site Reliability Engineer"},
	legal:    {"General Counsel", "Legal Counsel", "Contracts Manager"},
	security: {"CISO", "Security Analyst", "Head of Information Security", "Security Architect"},
	finance:  {"CFO", "Finance Director", "Controller"},
	operator: {"RevOps Manager", "Marketing Operations Manager", "Growth Marketer", "Product Manager", "Business Analyst", "IT Manager", "Student", "Consultant"},
}

type persona int

const (
	champion persona = iota
	buyer
	engineer
	legal
	security
	finance
	operator
)

type place struct {
	country, region, city, locale, zone string
	offset                              int // hours from UTC: no daylight saving, so that no tz database is read
	currency                            string
}

var places = []place{
	{"US", "NA", "Portland", "en-US", "America/Los_Angeles", -8, "USD"},
	{"US", "NA", "Austin", "en-US", "America/Chicago", -6, "USD"},
	{"US", "NA", "Boston", "en-US", "America/New_York", -5, "USD"},
	{"US", "NA", "Denver", "en-US", "America/Denver", -7, "USD"},
	{"CA", "NA", "Toronto", "en-CA", "America/Toronto", -5, "USD"},
	{"GB", "EMEA", "Leeds", "en-GB", "Europe/London", 0, "USD"},
	{"DE", "EMEA", "Leipzig", "de-DE", "Europe/Berlin", 1, "EUR"},
	{"FR", "EMEA", "Lyon", "fr-FR", "Europe/Paris", 1, "EUR"},
	{"NL", "EMEA", "Utrecht", "nl-NL", "Europe/Amsterdam", 1, "EUR"},
	{"SE", "EMEA", "Malmo", "sv-SE", "Europe/Stockholm", 1, "USD"},
	{"IN", "APAC", "Pune", "en-IN", "Asia/Kolkata", 5, "USD"},
	{"JP", "APAC", "Osaka", "ja-JP", "Asia/Tokyo", 9, "JPY"},
	{"AU", "APAC", "Perth", "en-AU", "Australia/Perth", 8, "USD"},
	{"BR", "LATAM", "Recife", "pt-BR", "America/Recife", -3, "USD"},
}

var industries = []string{
	"SaaS", "SaaS", "SaaS", "SaaS", "Fintech", "E-commerce", "Healthcare", "Manufacturing", "Logistics", "Media",
	"Education", "Energy", "Gaming", "Insurance", "Public sector", "Telecommunications",
}

var technologies = []string{"aws", "azure", "gcp", "kubernetes", "snowflake", "postgres", "kafka", "salesforce", "hubspot", "segment", "stripe", "dbt"}
