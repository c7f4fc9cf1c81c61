package main

import (
	"bytes"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestSystemdTakesTheUnits asks systemd itself, where it is installed, whether it would load the units.
func TestSystemdTakesTheUnits(t *testing.T) {
	verify, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not installed: the units are not verified")
	}
	dir := t.TempDir()
	mail := filepath.Join(dir, `it's 100% "mail" $HOME`)
	if err := os.Mkdir(mail, 0o700); err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, unit := range []string{"service", "timer"} {
		var out, talk bytes.Buffer
		if code := run([]string{"schedule", "systemd", "--unit", unit, "--state", filepath.Join(dir, "state"), mail}, strings.NewReader(""), &out, &talk); code != exitOK {
			t.Fatalf("exit code %d: %s", code, talk.String())
		}
		name := filepath.Join(dir, "mailaudit."+unit)
		if err := os.WriteFile(name, out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, name)
	}
	if out, err := exec.Command(verify, append([]string{"verify"}, files...)...).CombinedOutput(); err != nil || len(bytes.TrimSpace(out)) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}

// TestQuoting: what schedulers read is what was meant.
func TestQuoting(t *testing.T) {
	for in, want := range map[string]string{"/home/me/Mail": "/home/me/Mail", "a b": "'a b'", "it's": `'it'\''s'`, "": "''", "$x": "'$x'"} {
		if got := shellQuote(in); got != want {
			t.Errorf("sh: %q becomes %s, want %s", in, got, want)
		}
	}
	for in, want := range map[string]string{"a b": `"a b"`, `q"\`: `"q\"\\"`, "50%": `"50%%"`, "$HOME": `"$$HOME"`} {
		if got := unitQuote(in); got != want {
			t.Errorf("systemd: %q becomes %s, want %s", in, got, want)
		}
	}
}

// TestTaskIsWellFormed: the XML is read back, and the command line is what was meant.
func TestTaskIsWellFormed(t *testing.T) {
	n := nightly{args: []string{`C:\Program Files\mailaudit.exe`, "scan", `C:\My "Mail" & more\`, `C:\メール😀`}, hour: 4, minute: 5, log: `C:\me\log`}
	var task struct {
		XMLName xml.Name `xml:"http://schemas.microsoft.com/windows/2004/02/mit/task Task"`
		Start   string   `xml:"Triggers>CalendarTrigger>StartBoundary"`
		Args    string   `xml:"Actions>Exec>Arguments"`
	}
	if err := xml.Unmarshal([]byte(n.task()), &task); err != nil {
		t.Fatal(err)
	}
	// The folder of the log is made first: cmd.exe runs nothing whose output it can't open.
	if want := `/d /s /c "(if not exist "C:\me" mkdir "C:\me") & "C:\Program Files\mailaudit.exe" "scan" "C:\My \"Mail\" & more\\" "C:\メール😀" >> "C:\me\log" 2>&1"`; task.Args != want {
		t.Errorf("got  %s\nwant %s", task.Args, want)
	}
	if strings.IndexFunc(n.task(), func(r rune) bool { return r > 0x7e }) >= 0 {
		t.Error("not ASCII: PowerShell's > would spoil it")
	}
	if !strings.HasSuffix(task.Start, "T04:05:00") {
		t.Errorf("it starts at %s", task.Start)
	}
}

func TestSplitWords(t *testing.T) {
	for in, want := range map[string]string{
		"notify": "notify", "a b  c": "a|b|c", `a "b c" 'd "e'`: `a|b c|d "e`, `a ""`: "a|", "$HOME; rm": "$HOME;|rm", `/p\ath`: `/p\ath`,
	} {
		got, err := splitWords(in)
		if err != nil || strings.Join(got, "|") != want {
			t.Errorf("%q: %q, %v, want %s", in, got, err, want)
		}
	}
	for _, in := range []string{"", "  ", `"open`, `""`} {
		if got, err := splitWords(in); err == nil {
			t.Errorf("%q is taken: %q", in, got)
		}
	}
}

func TestWords(t *testing.T) {
	var b bytes.Buffer
	wrapTo(&b, "  - ", strings.Repeat("注文の確認、", 20)+" "+strings.Repeat("word ", 30))
	for i, line := range strings.Split(strings.TrimRight(b.String(), "\n"), "\n") {
		if columns(line) > newsWidth {
			t.Errorf("line %d has %d columns: %s", i, columns(line), line)
		}
		if text := strings.TrimSpace(line); strings.HasPrefix(text, "、") {
			t.Errorf("line %d begins with a comma: %s", i, line)
		}
	}
}
