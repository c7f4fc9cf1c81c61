package main

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/archive"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/content"
	"github.com/mailaudit/mailaudit/report/view"
)

// What the stream says of mail that was not read is said in Japanese and with a remedy to a person.
func TestUnreadReasonsHaveWords(t *testing.T) {
	reasons := []string{archive.ErrPassword.Error(), "open: " + fs.ErrPermission.Error(), "open: operation not permitted", "open: Access is denied."}
	for _, k := range []content.Kind{content.PST, content.OST, content.OLM, content.DBX, content.SevenZip, content.RAR, content.Packed, content.MBX, content.Babyl, content.Crypted, content.Zeroed, content.Dbox, content.PMM, content.TBB} {
		if a := k.Advice(); a != "" {
			reasons = append(reasons, a)
		}
	}
	for _, reason := range reasons {
		for _, lang := range []view.Lang{view.JA, view.EN} {
			p := &program{ui: &ui{lang: lang}}
			text, hint := p.whyUnread(reason)
			if text == reason || hint == "" || lang == view.JA && !strings.ContainsAny(text, "です、がのる。") {
				t.Errorf("%s: %q is told as %q, %q", lang, reason, text, hint)
			}
		}
	}
	p := &program{ui: &ui{lang: view.JA}}
	if text, hint := p.whyUnread("depth: parts nest too deep"); text != "depth: parts nest too deep" || hint != "" {
		t.Errorf("a reason without words is told as %q, %q", text, hint)
	}
}

// The place of a problem is told as the person typed it.
func TestPlaceOfProblem(t *testing.T) {
	for _, c := range []struct {
		why   string
		path  []string
		typed []string
		want  string
	}{
		{"a folder that can't be opened", []string{"."}, []string{"Library/Mail"}, "Library/Mail"},
		{"one of several", []string{"."}, []string{".", "no such folder"}, "no such folder"},
		{"a member of an archive", []string{"x.zip", "a.mbox"}, []string{"x.zip"}, "x.zip!a.mbox"},
	} {
		pr := &finding.Problem{Location: evidence.Location{Path: c.path}}
		if got := placeOf(pr, c.typed); got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}

// Why a folder can't be written is said in the person's language, and is wrong usage, not an internal error.
func TestUnwritable(t *testing.T) {
	p := &program{ui: &ui{lang: view.JA}}
	err := p.unwritable("/srv/x", &fs.PathError{Op: "mkdir", Path: "/srv/x", Err: fs.ErrPermission})
	var f *failure
	if !errors.As(err, &f) || f.code != exitUsage || f.hint == "" || f.text != "出力先 /srv/x に書き込めません。書き込む権限がありません" {
		t.Errorf("%#v", err)
	}
}
