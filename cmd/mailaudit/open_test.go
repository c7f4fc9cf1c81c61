package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/report/html/browsertest"
)

// seatedBefore runs mailaudit open in a home of its own and returns the address that its browser was started with.
func seatedBefore(t *testing.T, args ...string) (address string, ended chan int) {
	t.Helper()
	addresses := make(chan string, 1)
	sys := system{
		getenv: env("HOME", t.TempDir(), "USERPROFILE", t.TempDir(), "XDG_STATE_HOME", t.TempDir()), now: time.Now, leave: func(int) {},
		browse: func(a string) error { addresses <- a; return nil },
	}
	ended = make(chan int, 1)
	go func() {
		ended <- runIn(sys, append([]string{"open"}, args...), strings.NewReader(""), io.Discard, io.Discard)
	}()
	select {
	case address = <-addresses:
	case code := <-ended:
		t.Fatalf("it ended with %d", code)
	}
	return address, ended
}

func sampleTakeover(t *testing.T) string {
	t.Helper()
	sample, err := filepath.Abs("../../samples/takeover/input")
	if err != nil {
		t.Fatal(err)
	}
	return sample
}

func pageBrowser(t *testing.T, width int) *browsertest.Browser {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser is not started with -short")
	}
	dir, err := os.MkdirTemp("", "mailaudit-chromium")
	if err != nil {
		t.Fatal(err)
	}
	b, err := browsertest.Start(dir, width, 900)
	if errors.Is(err, browsertest.ErrNone) {
		t.Skip("no chromium in the PATH: the window is not tested in a browser")
	}
	if err != nil && os.Getenv("MAILAUDIT_BROWSER") == "" {
		t.Skipf("chromium does not start here, the window is not tested in a browser (with MAILAUDIT_BROWSER set this fails): %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close(); os.RemoveAll(dir) })
	return b
}

// shows waits until the page has a text.
func shows(t *testing.T, b *browsertest.Browser, text string) {
	t.Helper()
	want, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	for range 400 {
		var has bool
		if b.Eval(`document.readyState === "complete" && document.body.innerText.includes(`+string(want)+`)`, &has) == nil && has {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	var body string
	_ = b.Eval(`document.body.innerText`, &body)
	t.Fatalf("the page does not say %q but %q", text, body)
}

// A person with no terminal: names a folder, looks, sees the report and quits, by keyboard alone, on a phone's width too, in both
// languages; nothing complains, and no request goes anywhere else.
func TestOpenInABrowser(t *testing.T) {
	for _, c := range []struct {
		lang         string
		width        int
		look, report string
	}{
		{"ja", 1280, "調べる", "レポートができました"},
		{"en", 500, "Look", "The report is ready"},
	} {
		t.Run(c.lang, func(t *testing.T) {
			b := pageBrowser(t, c.width)
			address, ended := seatedBefore(t, sampleTakeover(t))
			if err := b.Call("Network.setExtraHTTPHeaders", map[string]any{"headers": map[string]string{"Accept-Language": c.lang}}, nil); err != nil {
				t.Fatal(err)
			}
			if err := b.Open(address); err != nil {
				t.Fatal(err)
			}
			shows(t, b, c.look)
			fits(t, b)
			axe(t, b)
			press(t, b, c.look)
			shows(t, b, c.report)
			fits(t, b)
			axe(t, b)
			for _, name := range []string{"page/report.html", "page/summary.html", "save/report.html", "save/report.xlsx"} {
				var status int
				if err := b.Eval(`fetch("`+name+`").then(r => r.status)`, &status); err != nil || status != http.StatusOK {
					t.Errorf("%s: %d, %v", name, status, err)
				}
			}
			var home string
			if err := b.Eval(`location.href`, &home); err != nil {
				t.Fatal(err)
			}
			if err := b.Open(home + "page/report.html"); err != nil {
				t.Fatal(err)
			}
			var on bool
			if err := b.Eval(`document.documentElement.classList.contains("on")`, &on); err != nil || !on {
				t.Errorf("the script of the report does not run: %v", err)
			}
			if err := b.Open(home); err != nil {
				t.Fatal(err)
			}
			press(t, b, map[string]string{"ja": "mailauditを終了する", "en": "Quit mailaudit"}[c.lang])
			shows(t, b, map[string]string{"ja": "終了しました", "en": "has ended"}[c.lang])
			if code := <-ended; code != exitOK {
				t.Errorf("exit code %d", code)
			}
			host, _, _ := strings.Cut(strings.TrimPrefix(address, "http://"), "/")
			for _, e := range b.Events {
				switch e.Method {
				case "Runtime.exceptionThrown", "Runtime.consoleAPICalled":
					t.Errorf("the page complains: %.400s", e.Params)
				case "Network.requestWillBeSent":
					if !strings.Contains(string(e.Params), host) {
						t.Errorf("a request leaves the page: %.400s", e.Params)
					}
				}
			}
		})
	}
}

// fits wants no part of the page to be wider than the window.
func fits(t *testing.T, b *browsertest.Browser) {
	t.Helper()
	var wide float64
	if err := b.Eval(`document.documentElement.scrollWidth - innerWidth`, &wide); err != nil || wide > 0 {
		t.Errorf("the page is %v px wider than the window, %v", wide, err)
	}
}

// axe runs axe-core where it is named.
func axe(t *testing.T, b *browsertest.Browser) {
	t.Helper()
	path := os.Getenv("MAILAUDIT_AXE")
	if path == "" {
		return
	}
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Eval(string(source)+"\n;0", nil); err != nil {
		t.Fatal(err)
	}
	var found []string
	if err := b.Eval(`axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v => v.id + ': ' + v.help + ' — ' + v.nodes.map(n => n.target).join(' | ')))`, &found); err != nil {
		t.Fatal(err)
	}
	for _, v := range found {
		t.Error(v)
	}
}

// press walks with the tabulator to the button or link with a text, and presses Enter.
func press(t *testing.T, b *browsertest.Browser, text string) {
	t.Helper()
	key := func(name string, code int, text string) {
		for _, kind := range []string{"keyDown", "keyUp"} {
			p := map[string]any{"type": kind, "key": name, "code": name, "windowsVirtualKeyCode": code}
			if kind == "keyDown" && text != "" {
				p["text"] = text
			}
			if err := b.Call("Input.dispatchKeyEvent", p, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	for range 60 {
		key("Tab", 9, "")
		var at string
		if err := b.Eval(`(document.activeElement?.innerText ?? "").trim()`, &at); err != nil {
			t.Fatal(err)
		}
		if at == text {
			key("Enter", 13, "\r")
			return
		}
	}
	t.Fatalf("the tabulator does not come to %q", text)
}

// What the reports were written into is gone at the end, and a path that is not there is an error before anything is shown.
func TestOpenLeavesNothing(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	t.Setenv("TMP", temp)
	address, ended := seatedBefore(t, sampleTakeover(t))
	if list, err := os.ReadDir(temp); err != nil || len(list) == 0 {
		t.Fatalf("no folder for the reports: %v", err)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	base, _, _ := strings.Cut(strings.TrimPrefix(address, "http://"), "/")
	quit, err := http.NewRequest(http.MethodPost, "http://"+base+resp.Header.Get("Location")+"quit", nil)
	if err != nil {
		t.Fatal(err)
	}
	quit.Header.Set("Origin", "http://"+base)
	if resp, err = client.Do(quit); err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if code := <-ended; code != exitOK {
		t.Errorf("exit code %d", code)
	}
	if list, err := os.ReadDir(temp); err != nil || len(list) > 0 {
		t.Errorf("%d things are left: %v %v", len(list), list, err)
	}
	if code := runIn(system{getenv: env(), now: time.Now, leave: func(int) {}}, []string{"open", filepath.Join(temp, "nowhere")}, strings.NewReader(""), io.Discard, io.Discard); code != exitUsage {
		t.Errorf("a path that is not there: exit code %d", code)
	}
}

// Files dropped on the icon, and a double click, open the window; a script that runs mailaudit alone gets the help as ever.
func TestDoubleClick(t *testing.T) {
	var shown string
	sys := system{getenv: env("HOME", t.TempDir(), "USERPROFILE", t.TempDir()), now: time.Now, leave: func(int) {}, desk: true}
	started := make(chan struct{})
	sys.browse = func(a string) error { shown = a; close(started); return nil }
	ended := make(chan int, 1)
	go func() {
		ended <- runIn(sys, []string{sampleTakeover(t)}, strings.NewReader(""), io.Discard, io.Discard)
	}()
	select {
	case <-started:
	case code := <-ended:
		t.Fatalf("it ended with %d", code)
	}
	if !strings.HasPrefix(shown, "http://127.0.0.1:") {
		t.Errorf("the browser was started with %q", shown)
	}
}

// The finished page is opened as a file; without a browser its address is said; without the page it is an error.
func TestScanOpens(t *testing.T) {
	sample := sampleTakeover(t)
	t.Chdir(t.TempDir())
	var shown string
	sys := system{getenv: env("XDG_STATE_HOME", t.TempDir()), now: time.Now, leave: func(int) {}, browse: func(a string) error { shown = a; return nil }}
	run := func(args ...string) (int, string) {
		var out strings.Builder
		code := runIn(sys, append([]string{"scan", "--open", sample}, args...), strings.NewReader(""), io.Discard, &out)
		return code, out.String()
	}
	if code, out := run("-o", "a b"); code != exitAttention || !strings.HasPrefix(shown, "file:///") || !strings.HasSuffix(shown, "/a%20b/report.html") {
		t.Errorf("%d %q %s", code, shown, out)
	}
	sys.browse = func(string) error { return errors.ErrUnsupported }
	if _, out := run("-o", "c"); !strings.Contains(out, "/c/report.html") {
		t.Errorf("without a browser it says %q", out)
	}
	if code, _ := run("-o", "d", "--format", "jsonl"); code != exitUsage {
		t.Errorf("without the page: exit code %d", code)
	}
}
