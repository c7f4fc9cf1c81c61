package volatile

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func TestIs(t *testing.T) {
	for _, c := range []struct {
		name    string
		version int
		want    bool
	}{
		{"Status", First, true},
		{"STATUS \t", First, true},
		{"X-IMAPbase", First, true},
		{"X-Mozilla-Status2", First, true},
		{"X-Status-Code", First, false},
		{"Subject", Version, false},
		{"X", Version, false},
		{"X-TUID", First, false},
		{"X-TUID", Version, true},
		{"x-tuid", Version, true},
		{"X-TUIDs", Version, false},
		{"X-OfflineIMAP-x1234-1234", Version, true},
		{"X-Evolution", Version, true},
		{"X-Evolution-Source", Version, true},
		{"X-Evolutionary", Version, false},
		{"Received", Version, false},
		{"X-" + strings.Repeat("a", 1000), Version, false},
	} {
		if got := Is([]byte(c.name), c.version); got != c.want {
			t.Errorf("%.40s, version %d: %v", c.name, c.version, got)
		}
	}
}

// TestNoFieldOfTheMessage: what says who wrote, to whom and what is in every copy.
func TestNoFieldOfTheMessage(t *testing.T) {
	for _, name := range []string{
		"From", "To", "Cc", "Subject", "Date", "Message-ID", "Reply-To", "Sender", "Received", "Return-Path", "DKIM-Signature", "Authentication-Results",
		"Content-Type", "Content-Transfer-Encoding", "MIME-Version", "In-Reply-To", "References", "ARC-Seal", "Delivered-To", "X-Spam-Status", "List-Id",
	} {
		if Is([]byte(name), Version) {
			t.Errorf("%s is left out of the digest", name)
		}
	}
}

func TestGenerated(t *testing.T) {
	data, err := os.ReadFile("fields.toml")
	if err != nil {
		t.Fatal(err)
	}
	want, err := Source(data)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("fields_gen.go")
	if err != nil || !bytes.Equal(got, want) {
		t.Error("fields_gen.go is not what fields.toml says: go generate ./analyzer/message/volatile", err)
	}
	for _, bad := range []string{
		"[[program]]\nname='a'\nfields=['X-A']\nsince=1\n",
		"[[program]]\nname='a'\nfields=['X-A','x-a']\nsince=1\nsource='s'\ndate='d'\nconfidence='high'\n",
		"[[program]]\nname='a'\nfields=['X-A*','X-Ab']\nsince=1\nsource='s'\ndate='d'\nconfidence='high'\n",
		"[[program]]\nname='a'\nfields=['X A']\nsince=1\nsource='s'\ndate='d'\nconfidence='high'\n",
		"[[program]]\nnames='a'\n",
	} {
		if _, err := Source([]byte(bad)); err == nil {
			t.Errorf("accepted: %s", bad)
		}
	}
}
