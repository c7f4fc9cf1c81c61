package main

import (
	"crypto/x509"
	"encoding/base64"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
)

const samplesDir = "../../samples"

// The samples in the repository are what this program writes: byte for byte, no file more, none less.
func TestSamplesAreUpToDate(t *testing.T) {
	made := t.TempDir()
	if code := run([]string{"-out", made}, io.Discard, io.Discard); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	if want, got := contents(t, samplesDir+"/dkim-keys.txt"), contents(t, made+"/dkim-keys.txt"); want[""] != got[""] || got[""] == "" {
		t.Error("dkim-keys.txt differs: run make samples")
	}
	for _, s := range scenarios() {
		want, got := contents(t, filepath.Join(samplesDir, s.name, "input")), contents(t, filepath.Join(made, s.name, "input"))
		if len(got) == 0 {
			t.Errorf("%s: no files are made", s.name)
		}
		for name, raw := range got {
			if there, ok := want[name]; !ok || there != raw {
				t.Errorf("%s: %s differs: run make samples", s.name, name)
			}
		}
		for name := range want {
			if _, ok := got[name]; !ok {
				t.Errorf("%s: %s is not made by gensamples", s.name, name)
			}
		}
	}
}

// contents are the files below a folder, by name.
func contents(t *testing.T, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		files[strings.TrimPrefix(filepath.ToSlash(path), filepath.ToSlash(root))] = string(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestWriteReplacesTheFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "input")
	for _, files := range []tree{{"old": []byte("1"), "a/b": []byte("2")}, {"a/b": []byte("33")}} {
		if _, err := write(dir, files); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "old")); !os.IsNotExist(err) {
		t.Errorf("a file of an earlier run is still there: %v", err)
	}
	if raw, err := os.ReadFile(filepath.Join(dir, "a", "b")); err != nil || string(raw) != "33" {
		t.Errorf("a/b = %q, %v", raw, err)
	}
}

// Signatures are real ones, by the samples' own key: a sample whose body was changed by hand would fail here.
func TestSignaturesVerify(t *testing.T) {
	der, err := x509.MarshalPKIXPublicKey(&sampleKey().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	record := "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)
	owner := address{"山田 遥", "haruka.yamada@example.com"}
	checked := 0
	for _, recv := range []receiver{gmail, outlook, yahooJapan, ownServer} {
		a := store{"co.jp", "us-west-2", "p0fe", owner, "A1EXAMPLE", recv}
		m := a.mail(newSeed("signatures"), accountChangedJA(jst("2026-02-07 03:21:30"), read, "山田 遥")).message
		list, err := dkim.VerifyWithOptions(strings.NewReader(strings.ReplaceAll(m.String(), "\n", "\r\n")), &dkim.VerifyOptions{
			LookupTXT: func(string) ([]string, error) { return []string{record}, nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range list {
			checked++
			if v.Err != nil {
				t.Errorf("%s: %v", v.Domain, v.Err)
			}
		}
	}
	if checked != 8 {
		t.Errorf("%d signatures checked, want two from each of four receivers", checked)
	}
}

// Hosts of fakes must lie under names that nobody can own.
func TestFakesUseReservedNames(t *testing.T) {
	host := regexp.MustCompile(`https?://(?:[^/@"'\s<>]*@)?([A-Za-z0-9.-]+)`)
	official := regexp.MustCompile(`(^|\.)(amazon\.(co\.jp|com)|smbc-card\.com|chase\.com)$|\.(example|test|invalid)$|(^|\.)example\.(com|net|org)$`)
	for _, f := range luresJA() {
		for _, m := range host.FindAllStringSubmatch(f.html("")+f.text(), -1) {
			if !official.MatchString(m[1]) {
				t.Errorf("%q is neither official nor reserved", m[1])
			}
		}
	}
}

func TestWrongUsage(t *testing.T) {
	for _, args := range [][]string{{"extra"}, {"-no-such-flag"}} {
		if code := run(args, io.Discard, io.Discard); code != 2 {
			t.Errorf("%q gives %d, want 2", args, code)
		}
	}
}
