package inspect

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/message/attachment"
)

const pdf = "%PDF-1.4\n1 0 obj<</Type/Annot/A<</S/URI/URI(https://login.example/a)>>>>endobj\n"

// TestMain lets the test's own binary be the child, as mailaudit is its own.
func TestMain(m *testing.M) {
	switch os.Getenv("INSPECT_CHILD") {
	case "serve":
		if err := Serve(os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	case "hang":
		time.Sleep(time.Hour)
	case "die":
		os.Exit(3)
	}
	os.Exit(m.Run())
}

func as(kind string) func() *exec.Cmd {
	return func() *exec.Cmd {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "INSPECT_CHILD="+kind)
		return cmd
	}
}

// TestSameAsInProcess: whoever does the work, the answer is the same, errors included.
func TestSameAsInProcess(t *testing.T) {
	p := NewPool(as("serve"), 0)
	defer p.Close()
	lim := limit.Default()
	for _, test := range []struct{ why, kind, data string }{
		{"a PDF with a link", attachment.PDF, pdf},
		{"a PDF without one", attachment.PDF, "%PDF-1.4\n"},
		{"a picture that is none", attachment.QR, "no picture"},
		{"a kind nobody knows", "xyz", "abc"},
		{"nothing", attachment.QR, ""},
	} {
		want, wantErr := attachment.InProcess(context.Background(), test.kind, []byte(test.data), lim)
		got, err := p.Inspect(context.Background(), test.kind, []byte(test.data), lim)
		if !reflect.DeepEqual(got, want) || (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() {
			t.Errorf("%s: %v, %v; in process %v, %v", test.why, got, err, want, wantErr)
		}
	}
	if len(p.idle) != 1 {
		t.Errorf("%d children for files that came one after the other", len(p.idle))
	}
}

func TestManyAtATime(t *testing.T) {
	p := NewPool(as("serve"), 0)
	defer p.Close()
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			for range 5 {
				if found, err := p.Inspect(context.Background(), attachment.PDF, []byte(pdf), limit.Default()); err != nil || len(found) != 1 {
					t.Errorf("%v, %v", found, err)
				}
			}
		})
	}
	all.Wait()
}

func TestHangingChildIsKilled(t *testing.T) {
	p := NewPool(as("hang"), 100*time.Millisecond)
	defer p.Close()
	if found, err := p.Inspect(context.Background(), attachment.PDF, []byte(pdf), limit.Default()); !errors.Is(err, ErrTimeout) || found != nil {
		t.Errorf("%v, %v", found, err)
	}
	if len(p.idle) != 0 {
		t.Error("a killed child was kept")
	}
}

func TestChildThatEndsIsAnError(t *testing.T) {
	p := NewPool(as("die"), 0)
	defer p.Close()
	if found, err := p.Inspect(context.Background(), attachment.PDF, []byte(pdf), limit.Default()); !errors.Is(err, ErrEnded) || found != nil {
		t.Errorf("%v, %v", found, err)
	}
}

// TestChildThatIsGone: a child that ended between two files costs neither of them.
func TestChildThatIsGone(t *testing.T) {
	p := NewPool(as("serve"), 0)
	defer p.Close()
	for range 2 {
		if found, err := p.Inspect(context.Background(), attachment.PDF, []byte(pdf), limit.Default()); err != nil || len(found) != 1 {
			t.Fatalf("%v, %v", found, err)
		}
		p.idle[0].kill()
		_ = p.idle[0].cmd.Wait()
	}
}

func TestNoChildCanBeStarted(t *testing.T) {
	p := NewPool(func() *exec.Cmd { return exec.Command("/nonexistent/mailaudit") }, 0)
	if found, err := p.Inspect(context.Background(), attachment.PDF, []byte(pdf), limit.Default()); err != nil || len(found) != 1 {
		t.Errorf("%v, %v", found, err)
	}
}

func TestServeRefuses(t *testing.T) {
	for _, in := range []string{"{\n", `{"kind":"pdf","size":99999999999}` + "\n", `{"kind":"pdf","size":-1}` + "\n", `{"kind":"pdf","size":5,"limits":{"Attachment":9}}` + "\nab", strings.Repeat("x", 70<<10)} {
		if err := Serve(strings.NewReader(in), io.Discard); err == nil {
			t.Errorf("%.40q was served", in)
		}
	}
	if err := Serve(strings.NewReader(""), io.Discard); err != nil {
		t.Errorf("an empty input: %v", err)
	}
}

// FuzzServe: what a parent could send never breaks a child, and every answer is one line of JSON.
func FuzzServe(f *testing.F) {
	f.Add([]byte(`{"kind":"pdf","size":9,"limits":{"Attachment":100}}` + "\n%PDF-1.4\n"))
	f.Add([]byte(`{"kind":"qr","size":0}` + "\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		var out bytes.Buffer
		_ = Serve(bytes.NewReader(in), &out)
		for line := range strings.Lines(out.String()) {
			if !strings.HasPrefix(line, "{") || !strings.HasSuffix(line, "}\n") {
				t.Errorf("answered %q", line)
			}
		}
	})
}
