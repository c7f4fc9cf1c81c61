// Package mailaudit_test checks the rules that hold for the whole module: which package may import which, and that
// every package says what it is for.
package mailaudit_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/format"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const module = "github.com/mailaudit/mailaudit/"

// layers is the package map, top to bottom. A package may import packages of lower layers only; leaves may import
// leaves. A sub-package belongs to its parent, which may import it and is in the same layer.
var layers = [][]string{
	{"cmd"},
	{"analyzer"},
	{"analyzer/attention"},
	{"analyzer/timeline", "analyzer/statement", "analyzer/records"},
	{"analyzer/verdict"},
	{"analyzer/learn"},
	{"analyzer/candidate", "analyzer/mailauth", "analyzer/detect", "analyzer/event"},
	{"analyzer/message", "analyzer/sender", "analyzer/cache"},
	{"analyzer/state"},
	{"analyzer/mailbox", "analyzer/brand"},
	leaves,
}

var leaves = []string{
	"analyzer/limit", "analyzer/evidence", "analyzer/finding", "analyzer/fact", "analyzer/hostname", "analyzer/script", "analyzer/mailstore",
}

// reports is the other arrow: report -> its writers -> view -> finding, evidence, script.
var reports = [][]string{
	{"report"},
	{"report/exchange"},
	{"report/jsonl", "report/csv", "report/text", "report/xlsx", "report/html", "report/reporttest"},
	{"report/view"},
	{"analyzer/finding", "analyzer/evidence", "analyzer/script"},
}

// only names the libraries that exactly one package may import.
var only = map[string]string{
	"github.com/emersion/go-mbox":     "analyzer/mailbox/mboxfile",
	"github.com/jhillyerd/enmime/v2":  "analyzer/message",
	"github.com/richardlehane/mscfb":  "analyzer/mailbox/msg",
	"github.com/xuri/excelize/v2":     "report/xlsx",
	"github.com/pierrec/lz4/v4":       "analyzer/mailbox/archive",
	"github.com/spf13/cobra":          "cmd/mailaudit",
	"github.com/makiuchi-d/gozxing":   "analyzer/message/attachment",
	"github.com/emersion/go-msgauth/": "analyzer/mailauth",
}

type pkg struct {
	ImportPath  string
	Dir         string
	Doc         string
	Imports     []string
	TestImports []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,Doc,Imports", "./...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var list []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	if len(list) < 20 {
		t.Fatalf("go list found only %d packages", len(list))
	}
	return list
}

// place finds the layer of a package by the longest entry that it is or lies below.
func place(rel string, in [][]string) (layer int, entry string) {
	layer = -1
	for i, l := range in {
		for _, e := range l {
			if (rel == e || strings.HasPrefix(rel, e+"/")) && len(e) > len(entry) {
				layer, entry = i, e
			}
		}
	}
	return layer, entry
}

func TestPackageMap(t *testing.T) {
	for _, p := range packages(t) {
		rel := strings.TrimPrefix(p.ImportPath, module)
		if p.ImportPath+"/" == module || rel == "cmd/gensamples" {
			continue
		}
		side := layers
		if strings.HasPrefix(rel, "report") {
			side = reports
		}
		from, entry := place(rel, side)
		if from < 0 || entry == "analyzer" && rel != "analyzer" {
			t.Errorf("%s is not in the package map", rel)
			continue
		}
		for _, imp := range p.Imports {
			target, ok := strings.CutPrefix(imp, module)
			if !ok {
				continue
			}
			if entry == "cmd" && (target == "analyzer" || strings.HasPrefix(target, "analyzer/") || target == "report" || strings.HasPrefix(target, "report/")) {
				continue
			}
			to, targetEntry := place(target, side)
			leaf := contains(leaves, entry) && contains(leaves, targetEntry)
			switch {
			case to < 0:
				t.Errorf("%s imports %s, which is not below it in the package map", rel, target)
			case targetEntry == entry || leaf:
			case to <= from:
				t.Errorf("%s imports %s: the arrows of the package map go downwards only", rel, target)
			}
		}
	}
}

func TestLibrariesHaveOneHome(t *testing.T) {
	for _, p := range packages(t) {
		rel := strings.TrimPrefix(p.ImportPath, module)
		for _, imp := range p.Imports {
			for lib, home := range only {
				if (imp == lib || strings.HasPrefix(imp, strings.TrimSuffix(lib, "/")+"/")) && rel != home {
					t.Errorf("%s imports %s, which only %s may", rel, imp, home)
				}
			}
		}
	}
}

// TestNoNetwork: nothing leaves the machine unless a person asks for it. The command fetches keys (keys.go), and its window listens
// on the loopback interface; no other package, and no other file of the command, can open a connection or listen for one.
func TestNoNetwork(t *testing.T) {
	may := map[string]string{"cmd/mailaudit": "keys.go", "cmd/mailaudit/window": ""}
	for _, p := range packages(t) {
		rel := strings.TrimPrefix(p.ImportPath, module)
		for _, imp := range p.Imports {
			if _, ok := may[rel]; !ok && (imp == "net" || strings.HasPrefix(imp, "net/http") || imp == "net/smtp" || imp == "net/rpc") {
				t.Errorf("%s imports %s", p.ImportPath, imp)
			}
		}
	}
	network := regexp.MustCompile(`"net(/http|/smtp|/rpc)?"`)
	files, err := filepath.Glob("cmd/mailaudit/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if network.Match(src) && filepath.Base(f) != may["cmd/mailaudit"] {
			t.Errorf("%s can open a connection", f)
		}
	}
	// The window only answers: it dials nobody, and listens in one place.
	listens := 0
	files, err = filepath.Glob("cmd/mailaudit/window/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		listens += len(regexp.MustCompile(`\bnet\.Listen\(`).FindAll(src, -1))
		if m := regexp.MustCompile(`\b(net\.Dial|net\.Dialer|http\.(Get|Post|Head|Client|DefaultClient|Transport|ListenAndServe))\b`).Find(src); m != nil {
			t.Errorf("%s: %s", f, m)
		}
	}
	if listens != 1 {
		t.Errorf("the window listens in %d places", listens)
	}
}

// TestOneReadingOfASender: whose an address is, and what its domain is in ASCII, is asked of package sender, so that no two parts read
// one address in two ways. Who else makes a host name of letters reads no address: the brands' own data, the targets of links, what an
// alias service or a receiver wrote.
func TestOneReadingOfASender(t *testing.T) {
	readers := map[string]string{
		"analyzer/sender/sender.go":     "this is it",
		"analyzer/hostname/hostname.go": "host names",
		"analyzer/brand/decode.go":      "the data of brands",
		"analyzer/brand/set.go":         "the senders of a brand, of its data",
		"analyzer/detect/target.go":     "targets of links",
		"analyzer/detect/alias.go":      "what an alias service wrote",
		"analyzer/mailauth/assess.go":   "properties of results",
	}
	asks := regexp.MustCompile(`\bhostname\.ASCII\(|"net/mail"`)
	err := filepath.WalkDir("analyzer", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		path = filepath.ToSlash(path)
		if asks.Match(src) && readers[path] == "" && path != "analyzer/mailbox/mboxfile/top.go" {
			t.Errorf("%s reads addresses or host names itself: ask analyzer/sender", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestPackagesSayWhatTheyAreFor(t *testing.T) {
	for _, p := range packages(t) {
		if p.Doc == "" && p.ImportPath+"/" != module {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}

var (
	bare      = regexp.MustCompile(`//.*\b(TODO|FIXME|XXX|HACK)\b`)
	generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)
)

func TestSourceIsTidy(t *testing.T) {
	files := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == ".git" || d.Name() == "dist" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		files++
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if generated.Match(src) {
			return nil
		}
		formatted, err := format.Source(src)
		if err != nil {
			return err
		}
		if !bytes.Equal(src, formatted) {
			t.Errorf("%s is not gofmt'd", path)
		}
		for i, line := range strings.Split(string(src), "\n") {
			if bare.MatchString(line) && path != "map_test.go" {
				t.Errorf("%s:%d: %s", path, i+1, strings.TrimSpace(line))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 50 {
		t.Fatalf("looked at %d files only", files)
	}
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}
