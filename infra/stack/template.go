package stack

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"handoff/infra/local"
	"handoff/shared/touch"
)

// FindTemplate reads template.yaml from the folder of HANDOFF_TEMPLATE, the working folder or one above it, or beside
// the program or one folder above that. One that is not of this build's version is an error: what its rules do not
// carry would never arrive, and nothing would say so.
func FindTemplate() ([]byte, error) {
	if path := os.Getenv("HANDOFF_TEMPLATE"); path != "" {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read the template that HANDOFF_TEMPLATE names: %w", err)
		}
		return b, ofThisBuild(path, b)
	}
	var tried []string
	if wd, err := os.Getwd(); err == nil {
		for dir := wd; ; dir = filepath.Dir(dir) {
			tried = append(tried, dir)
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	if exe, err := os.Executable(); err == nil {
		dir := filepath.Dir(exe)
		tried = append(tried, dir, filepath.Dir(dir))
	}
	for _, dir := range tried {
		path := filepath.Join(dir, "template.yaml")
		b, err := os.ReadFile(path)
		if err == nil {
			return b, ofThisBuild(path, b)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("read the template: %w", err)
		}
	}
	return nil, errors.New("template.yaml is neither in this folder, nor above it, nor beside the program: run from a checkout of Handoff, or set HANDOFF_TEMPLATE to its path")
}

// ofThisBuild holds a template to what the functions of this build expect of its rules: that FeedbackRule carries the
// kinds of touch that route hears. Those kinds change with versions, and everything else is held by the tests.
func ofThisBuild(path string, text []byte) error {
	const do = "run handoff from the checkout that it was built from, or set HANDOFF_TEMPLATE to that one's template.yaml"
	top, err := local.Load(text)
	if err != nil {
		return fmt.Errorf("%s is not the template of this version of Handoff; %s: %w", path, do, err)
	}
	for _, r := range top.Rules {
		if r.ID != "FeedbackRule" {
			continue
		}
		var p struct {
			Detail struct{ Touch struct{ Kind []string } }
		}
		if err := json.Unmarshal(r.Pattern, &p); err != nil {
			return fmt.Errorf("%s: the pattern of FeedbackRule: %w; %s", path, err, do)
		}
		for _, kind := range touch.RouteKinds {
			if !slices.Contains(p.Detail.Touch.Kind, kind) {
				return fmt.Errorf("%s is of another version of Handoff: its FeedbackRule does not carry %s, which this one needs; %s", path, kind, do)
			}
		}
		for _, kind := range p.Detail.Touch.Kind {
			if !slices.Contains(touch.RouteKinds, kind) {
				return fmt.Errorf("%s is of another version of Handoff: its FeedbackRule carries %s, which this one does not know there; %s", path, kind, do)
			}
		}
		return nil
	}
	return fmt.Errorf("%s is not the template of this version of Handoff: it has no FeedbackRule; %s", path, do)
}
