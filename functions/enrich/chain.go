package enrich

import (
	"context"
	"errors"
	"fmt"
	"maps"
)

// Named is a provider in a chain, under the name that its answers carry.
type Named struct {
	Name     string
	Provider Provider
}

// Chain asks providers in order and takes the first answer. Where none knows the company and one could not be asked,
// the chain could not be asked: its error is returned, and the question comes again. An empty chain knows nobody.
type Chain []Named

// providerField is where a chain leaves the name of the provider that answered.
const providerField = "provider"

// Lookup implements Provider.
func (c Chain) Lookup(ctx context.Context, domain string) (map[string]string, bool, error) {
	var errs []error
	for _, p := range c {
		fields, ok, err := p.Provider.Lookup(ctx, domain)
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("provider %s: %w", p.Name, err))
		case ok:
			out := make(map[string]string, len(fields)+1)
			maps.Copy(out, fields)
			out[providerField] = p.Name
			return out, true, nil
		}
	}
	return nil, false, errors.Join(errs...)
}
