package subject

import (
	"slices"

	"handoff/shared/touch"
)

// Heard is how a touch counts for the account that it belongs to.
type Heard struct {
	Below  bool     // as of Place
	Parted []string // of the persons whom it names, those whom an operator has parted from its subject
}

// Parted lists the persons whom a touch names and who are not its subject's, by an operator's word: a device that was
// taken for somebody's goes on naming them. Without such a word all whom a touch names belong together. By what it says
// everybody leads to one person: whose link to that one is undone is alone.
func (r *Resolver) Parted(t *touch.Touch) (parted, missing []string) {
	if len(t.Links) == 0 {
		return nil, nil
	}
	for _, e := range Edges(t) {
		if !IsIndividual(e.From) || !IsIndividual(e.To) {
			continue
		}
		links, known := r.Lookup(e.From)
		if !known {
			missing = append(missing, e.From)
		} else if links != nil && links.Barred(e.To, t.Time.UnixMilli()) {
			parted = append(parted, e.From)
		}
	}
	if len(missing) > 0 || !slices.Contains(parted, t.Subject) {
		return parted, missing
	}
	parted = parted[:0]
	for _, id := range Named(t) {
		if id != t.Subject && IsIndividual(id) {
			parted = append(parted, id)
		}
	}
	return parted, nil
}
