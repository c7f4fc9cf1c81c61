package mailaudit_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// sourceFile is one Go file of the project.
type sourceFile struct {
	path string
	raw  []byte
	tree *ast.File
}

func (f sourceFile) test() bool { return strings.HasSuffix(f.path, "_test.go") }

func sourceFiles(t *testing.T) (list []sourceFile) {
	t.Helper()
	set := token.NewFileSet()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "dist"):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go"):
			return nil
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		tree, err := parser.ParseFile(set, path, raw, parser.ParseComments)
		if err != nil {
			return err
		}
		list = append(list, sourceFile{filepath.ToSlash(path), raw, tree})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// A file is read at once (the aim is 500 lines, this is where it ends), and nothing is done at start-up beyond tables.
func TestFilesAreShortAndStartIsQuiet(t *testing.T) {
	for _, f := range sourceFiles(t) {
		if n := bytes.Count(f.raw, []byte("\n")); !ast.IsGenerated(f.tree) && (n > 1000 || n > 750 && !f.test()) {
			t.Errorf("%s has %d lines: a file is read at once", f.path, n)
		}
		for _, d := range f.tree.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s has an init function", f.path)
			}
		}
	}
}

// main is a way in, not a place to live.
func TestMainIsShort(t *testing.T) {
	raw, err := os.ReadFile("cmd/mailaudit/main.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(raw, []byte("\n")); n >= 40 {
		t.Errorf("cmd/mailaudit/main.go has %d lines, want fewer than 40", n)
	}
}

// Only ui.go prints: everything else in the command asks it to, so that nothing reaches a terminal unchecked.
func TestOnlyTheUIPrints(t *testing.T) {
	prints := regexp.MustCompile(`fmt\.(Print|Fprint)|os\.Std(out|err)|println\(`)
	for _, f := range sourceFiles(t) {
		if !strings.HasPrefix(f.path, "cmd/mailaudit/") || f.test() || f.path == "cmd/mailaudit/ui.go" || f.path == "cmd/mailaudit/main.go" {
			continue
		}
		if m := prints.FindString(string(f.raw)); m != "" {
			t.Errorf("%s uses %s", f.path, m)
		}
	}
}

// Every target of make that the documentation names exists.
func TestDocumentedTargetsExist(t *testing.T) {
	makefile, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("(?m)(?:^|`)make ([a-z]+)")
	for _, name := range []string{"README.md", "README.ja.md", "CONTRIBUTING.md", "SECURITY.md", "samples/README.md"} {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllSubmatch(raw, -1) {
			if !bytes.Contains(makefile, []byte("\n"+string(m[1])+":")) {
				t.Errorf("%s names make %s, which does not exist", name, m[1])
			}
		}
	}
}
