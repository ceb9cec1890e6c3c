package stack

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// FindTemplate reads template.yaml from the folder of HANDOFF_TEMPLATE, the working folder or one above it, or beside
// the program or one folder above that.
func FindTemplate() ([]byte, error) {
	if path := os.Getenv("HANDOFF_TEMPLATE"); path != "" {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read the template that HANDOFF_TEMPLATE names: %w", err)
		}
		return b, nil
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
		b, err := os.ReadFile(filepath.Join(dir, "template.yaml"))
		if err == nil {
			return b, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("read the template: %w", err)
		}
	}
	return nil, errors.New("template.yaml is neither in this folder, nor above it, nor beside the program: run from a checkout of Handoff, or set HANDOFF_TEMPLATE to its path")
}
