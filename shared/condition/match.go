package condition

// remembered answers a question that does not depend on the hour, once per frame.
func (t *Test) remembered(f *Frame) bool {
	a := &f.static[t.static]
	if *a == unasked {
		*a = no
		if t.answer(f) {
			*a = yes
		}
	}
	return *a == yes
}

func (t *Test) answer(f *Frame) bool {
	switch t.op {
	case opDeal:
		return t.deals(f)
	case opCommittee:
		return t.covers(f)
	case opChecklist:
		return t.asked(f) != nil
	}
	return t.met(f) == (t.op != opKnown || t.want)
}

// met reports whether match finds a value. It allocates nothing.
func (t *Test) met(f *Frame) bool {
	if !t.field.person {
		v := f.View.Facts.Field(t.field.name)
		return v != "" && t.meets(v)
	}
	for i := range f.View.People {
		if v := f.View.People[i].Fields[t.field.name]; v != "" && t.meets(v) {
			return true
		}
	}
	return false
}

func (t *Test) deals(f *Frame) bool {
	for i := range f.View.Deals {
		d := &f.View.Deals[i]
		if listed(t.values, d.Status) && (t.types == nil || listed(t.types, d.Type)) {
			return true
		}
	}
	return false
}

func listed(list []string, s string) bool {
	for _, v := range list {
		if same(v, s) {
			return true
		}
	}
	return false
}

// match finds the first value that meets the question: the company's, or that of a person, with the person's index.
// For known it finds the first value there is. nil: none does.
func (t *Test) match(f *Frame) (value *string, person int) {
	if !t.field.person {
		if v := f.View.Facts.Field(t.field.name); v != "" && t.meets(v) {
			return &v, -1
		}
		return nil, -1
	}
	for i := range f.View.People {
		if v := f.View.People[i].Fields[t.field.name]; v != "" && t.meets(v) {
			return &v, i
		}
	}
	return nil, -1
}

func (t *Test) meets(v string) bool {
	switch t.op {
	case opIs:
		return listed(t.values, v)
	case opIsNot:
		return !listed(t.values, v)
	case opKnown:
		return true
	case opWords:
		return phraseIn(t.phrases, v) != nil
	case opNumber:
		n, ok := number(v)
		return ok && n >= t.lo && n <= t.hi
	}
	return false
}
