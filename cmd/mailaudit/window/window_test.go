package window

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// opened is a window that is served, with a browser's client.
type opened struct {
	*Window
	t      *testing.T
	client *http.Client
	ended  chan error
}

func open(t *testing.T, cfg Config) *opened {
	t.Helper()
	if cfg.Find == nil {
		cfg.Find = func(context.Context, string) []Store { return nil }
	}
	if cfg.Scan == nil {
		cfg.Scan = func(context.Context, string, []string, func(Progress)) Outcome { return Outcome{} }
	}
	if cfg.Visible == nil {
		cfg.Visible = func(s string) string { return s }
	}
	if cfg.Idle == 0 {
		cfg.Idle, cfg.First = time.Minute, time.Minute
	}
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	if cfg.Patience == 0 {
		cfg.Patience = time.Minute
	}
	w, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	o := &opened{Window: w, t: t, ended: make(chan error, 1), client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	ctx, stop := context.WithCancel(context.Background())
	go func() { o.ended <- w.Serve(ctx) }()
	t.Cleanup(func() { stop(); <-w.ctx.Done() })
	return o
}

// start uses the key and returns the address of the session.
func (o *opened) start() string {
	o.t.Helper()
	r := o.ask("GET", o.Address(), nil)
	if r.status != http.StatusSeeOther {
		o.t.Fatalf("the first address answers %d", r.status)
	}
	return "http://" + o.host + r.header.Get("Location")
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (o *opened) ask(method, address string, form url.Values, headers ...string) answer {
	o.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequest(method, address, body)
	if err != nil {
		o.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			r.Host = value
		} else {
			r.Header.Set(name, value)
		}
	}
	resp, err := o.client.Do(r)
	if err != nil {
		o.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(b)}
}

// The window is on the loopback interface and nowhere else.
func TestListensOnLoopbackAlone(t *testing.T) {
	o := open(t, Config{})
	if a, ok := o.listener.Addr().(*net.TCPAddr); !ok || !a.IP.IsLoopback() || a.Port == 0 {
		t.Errorf("it listens on %s", o.listener.Addr())
	}
}

// Whoever reads the command line of the browser has a key that was used.
func TestKeyIsGoodOnce(t *testing.T) {
	o := open(t, Config{})
	address := o.Address()
	session := o.start()
	if strings.Contains(session, strings.TrimPrefix(address, "http://"+o.host+"/?")) {
		t.Error("the session can be told from the key")
	}
	for _, again := range []string{address, "http://" + o.host + "/?", "http://" + o.host + "/"} {
		if r := o.ask("GET", again, nil); r.status != http.StatusNotFound || r.body != "" {
			t.Errorf("%s answers %d %q after the start", again, r.status, r.body)
		}
	}
}

// Nobody else learns anything: every refusal is "not found" without a word, whatever was asked.
func TestStrangersLearnNothing(t *testing.T) {
	scans := 0
	o := open(t, Config{Scan: func(context.Context, string, []string, func(Progress)) Outcome { scans++; return Outcome{} }, Given: []string{"/somebody/mail"}})
	session, own := o.start(), "Origin: http://"+o.host
	if r := o.ask("GET", session, nil); r.status != http.StatusOK {
		t.Fatalf("the page answers %d", r.status)
	}
	at := url.Values{"at": {"0"}}
	for _, c := range []struct {
		why, method, path string
		form              url.Values
		headers           []string
	}{
		{"without the session", "GET", "http://" + o.host + "/events", nil, nil},
		{"a session that is guessed", "GET", "http://" + o.host + "/AAAAAAAAAAAAAAAAAAAAAAAAAA/", nil, nil},
		{"another name that leads to this machine (DNS rebinding)", "GET", session, nil, []string{"Host: evil.example"}},
		{"localhost, which is another origin", "GET", session, nil, []string{"Host: localhost:" + o.host[strings.LastIndexByte(o.host, ':')+1:]}},
		{"a page of another site that has the address", "GET", session, nil, []string{"Sec-Fetch-Site: cross-site"}},
		{"a page of another port", "GET", session, nil, []string{"Sec-Fetch-Site: same-site"}},
		{"a script of another origin", "GET", session, nil, []string{"Origin: http://127.0.0.1:1"}},
		{"a form of another site", "POST", session + "look", at, []string{"Origin: https://evil.example"}},
		{"a form that hides its origin", "POST", session + "look", at, []string{"Origin: null"}},
		{"a form without an origin", "POST", session + "look", at, nil},
		{"a question before the request", "OPTIONS", session + "look", nil, []string{own, "Access-Control-Request-Method: POST"}},
		{"another method", "PUT", session + "look", at, []string{own}},
		{"a path that nobody walked to", "POST", session + "look", url.Values{"at": {"77"}}, []string{own}},
		{"a path by its name", "POST", session + "look", url.Values{"at": {"/etc/passwd"}}, []string{own}},
		{"a folder that nobody walked to", "GET", session + "folder?at=77", nil, nil},
		{"a folder by its name", "GET", session + "folder?at=/etc", nil, nil},
		{"the report before there is one", "GET", session + "page/" + ReportFile, nil, nil},
	} {
		r := o.ask(c.method, c.path, c.form, c.headers...)
		if r.status != http.StatusNotFound || r.body != "" {
			t.Errorf("%s: %d %q", c.why, r.status, r.body)
		}
	}
	if scans > 0 {
		t.Errorf("%d scans were started", scans)
	}
	// The same from the own page works: the test above can fail.
	if r := o.ask("POST", session+"look", at, own); r.status != http.StatusSeeOther {
		t.Errorf("the own form answers %d", r.status)
	}
}

// Every answer forbids frames, other origins and loading from anywhere.
func TestEveryAnswerIsClosed(t *testing.T) {
	o := open(t, Config{})
	session := o.start()
	for _, path := range []string{session, session + "folder?at=0", session + "nothing", "http://" + o.host + "/"} {
		r := o.ask("GET", path, nil)
		policy := r.header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || !strings.Contains(policy, "base-uri 'none'") {
			t.Errorf("%s: policy %q", path, policy)
		}
		if strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
			t.Errorf("%s: the policy lets something in: %q", path, policy)
		}
		for _, h := range []string{"Access-Control-Allow-Origin", "Set-Cookie"} {
			if r.header.Get(h) != "" {
				t.Errorf("%s: %s: %s", path, h, r.header.Get(h))
			}
		}
		if r.header.Get("Referrer-Policy") != "same-origin" || r.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", path, r.header)
		}
	}
}

// A person walks to a folder, and from there; what is not below a root is not offered.
func TestWalk(t *testing.T) {
	root := t.TempDir()
	for _, f := range []string{"b.mbox", "A.mbox", ".hidden", "sub/deep.mbox", "<i>x.mbox"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, f)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, f), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	looked := make(chan struct{})
	o := open(t, Config{Roots: []string{root}, Scan: func(_ context.Context, _ string, paths []string, _ func(Progress)) Outcome {
		got = paths
		close(looked)
		return Outcome{}
	}})
	session := o.start()
	link := regexp.MustCompile(`href="(folder\?at=\d+)"`)
	first := o.ask("GET", session, nil).body
	to := link.FindStringSubmatch(first)
	if to == nil {
		t.Fatal("the page leads to no folder")
	}
	roots := link.FindStringSubmatch(o.ask("GET", session+to[1], nil).body)
	if roots == nil {
		t.Fatal("the walk has no beginning")
	}
	body := o.ask("GET", session+roots[1], nil).body
	for _, before := range [][2]string{{"sub/", "A.mbox"}, {"A.mbox", "b.mbox"}, {"b.mbox", ".hidden"}} {
		if i, j := strings.Index(body, ">"+before[0]), strings.Index(body, ">"+before[1]); i < 0 || j < 0 || i > j {
			t.Errorf("%s does not stand before %s", before[0], before[1])
		}
	}
	if strings.Contains(body, "<i>x") {
		t.Error("the name of a file is markup")
	}
	if strings.Contains(body, filepath.Dir(root)+"<") {
		t.Error("the folder above the root is offered")
	}
	number := regexp.MustCompile(`<span>A\.mbox.*?value="(\d+)"`).FindStringSubmatch(strings.ReplaceAll(body, "\n", ""))
	if number == nil {
		t.Fatal("A.mbox can't be chosen")
	}
	o.ask("POST", session+"look", url.Values{"at": {number[1]}}, "Origin: http://"+o.host)
	<-looked
	if len(got) != 1 || got[0] != filepath.Join(root, "A.mbox") {
		t.Errorf("looked at %q", got)
	}
}

// A folder that can't be opened, and one that does not answer, say so.
func TestFolderTrouble(t *testing.T) {
	for _, c := range []struct {
		patience time.Duration
		want     string
	}{{time.Minute, "cannot be opened"}, {time.Nanosecond, "did not answer"}} {
		o := open(t, Config{Roots: []string{filepath.Join(t.TempDir(), "gone")}, Patience: c.patience})
		session := o.start()
		link := regexp.MustCompile(`href="(folder\?at=\d+)"`)
		to := link.FindStringSubmatch(o.ask("GET", session, nil).body)
		gone := link.FindStringSubmatch(o.ask("GET", session+to[1], nil).body)
		if body := o.ask("GET", session+gone[1], nil).body; !strings.Contains(body, c.want) {
			t.Errorf("the page does not say %q: %s", c.want, body)
		}
	}
}

// One scan at a time: its progress is told, it can be ended, and its files are served then.
func TestScan(t *testing.T) {
	dir := t.TempDir()
	started := make(chan struct{})
	o := open(t, Config{Dir: dir, Given: []string{"/m"}, Scan: func(ctx context.Context, lang string, _ []string, progress func(Progress)) Outcome {
		progress(Progress{Bytes: 5_000_000, Total: 10_000_000, Messages: 1234, Tells: 7})
		close(started)
		<-ctx.Done()
		if err := os.WriteFile(filepath.Join(dir, ReportFile), []byte("<p>"+lang), 0o600); err != nil {
			t.Error(err)
		}
		return Outcome{Interrupted: true}
	}})
	session, own := o.start(), "Origin: http://"+o.host
	if body := o.ask("GET", session, nil).body; !strings.Contains(body, "checked") {
		t.Error("what was named at the start is not chosen")
	}
	o.ask("POST", session+"look", url.Values{"at": {"0"}}, own, "Accept-Language: ja,en;q=0.5")
	<-started
	body := o.ask("GET", session, nil, "Accept-Language: ja").body
	for _, want := range []string{"10.0 MB のうち 5.0 MB", "メール 1,234 通", `value="50"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page of the scan lacks %q", want)
		}
	}
	if o.look("en", []string{"/m"}) {
		t.Error("a second scan was started")
	}
	r, err := o.client.Get(session + "events")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	events := bufio.NewReader(r.Body)
	line, err := events.ReadString('\n')
	if err != nil || !strings.Contains(line, `"stage":"scan"`) || !strings.Contains(line, "1,234 messages") {
		t.Errorf("the event is %q, %v", line, err)
	}
	o.ask("POST", session+"cancel", nil, own)
	for !strings.Contains(line, `"stage":"done"`) {
		if line, err = events.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	if body := o.ask("GET", session, nil).body; !strings.Contains(body, "Reading was stopped") {
		t.Error("the page does not say that reading was stopped")
	}
	if r := o.ask("GET", session+"page/"+ReportFile, nil); r.status != http.StatusOK || r.body != "<p>ja" {
		t.Errorf("the report: %d %q", r.status, r.body)
	}
	if r := o.ask("GET", session+"save/"+ReportFile, nil); !strings.HasPrefix(r.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("the report to keep: %v", r.header)
	}
	for _, other := range []string{"page/manifest.json", "page/..%2f" + ReportFile, "page/" + WorkbookFile, "save/findings.jsonl"} {
		if r := o.ask("GET", session+other, nil); r.status == http.StatusOK {
			t.Errorf("%s: %d", other, r.status)
		}
	}
}

// What went wrong is said as it is on the command line, and nothing in it is markup.
func TestFailure(t *testing.T) {
	o := open(t, Config{Given: []string{"/m"}, Scan: func(context.Context, string, []string, func(Progress)) Outcome {
		return Outcome{Error: "no mailbox <b>found", Hint: "name another"}
	}})
	session := o.start()
	o.ask("GET", session, nil)
	o.ask("POST", session+"look", url.Values{"at": {"0"}}, "Origin: http://"+o.host)
	body := ""
	for range 200 {
		if body = o.ask("GET", session, nil).body; strings.Contains(body, "There is no report") {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if !strings.Contains(body, "no mailbox &lt;b&gt;found") || !strings.Contains(body, "name another") {
		t.Errorf("the page says %s", body)
	}
	if r := o.ask("GET", session+"page/"+ReportFile, nil); r.status != http.StatusNotFound {
		t.Errorf("a report is served: %d", r.status)
	}
}

// The window ends by Quit, and some time after its last page was closed; not while one is open.
func TestEnd(t *testing.T) {
	t.Run("quit", func(t *testing.T) {
		o := open(t, Config{})
		if r := o.ask("POST", o.start()+"quit", nil, "Origin: http://"+o.host); !strings.Contains(r.body, "has ended") {
			t.Errorf("%d %q", r.status, r.body)
		}
		if err := <-o.ended; err != nil {
			t.Error(err)
		}
	})
	t.Run("closed", func(t *testing.T) {
		o := open(t, Config{Idle: 30 * time.Millisecond, First: time.Minute})
		session := o.start()
		r, err := o.client.Get(session + "events")
		if err != nil {
			t.Fatal(err)
		}
		select {
		case <-o.ended:
			t.Error("it ended while its page was open")
		case <-time.After(200 * time.Millisecond):
		}
		r.Body.Close()
		if err := <-o.ended; err != nil {
			t.Error(err)
		}
	})
	t.Run("a scan that is under way ends too", func(t *testing.T) {
		o := open(t, Config{Given: []string{"/m"}, Scan: func(ctx context.Context, _ string, _ []string, _ func(Progress)) Outcome {
			<-ctx.Done()
			return Outcome{}
		}})
		session, own := o.start(), "Origin: http://"+o.host
		o.ask("GET", session, nil)
		o.ask("POST", session+"look", url.Values{"at": {"0"}}, own)
		o.ask("POST", session+"quit", nil, own)
		if err := <-o.ended; err != nil {
			t.Error(err)
		}
	})
}

// Every text stands there in both languages, and every one that a page asks for is there.
func TestTexts(t *testing.T) {
	all, err := loadTexts()
	if err != nil {
		t.Fatal(err)
	}
	for id, text := range all {
		if text["en"] == "" || text["ja"] == "" || len(text) != 2 {
			t.Errorf("%s: %v", id, text)
		}
		for _, gap := range []string{"{0}", "{1}"} {
			if strings.Contains(text["en"], gap) != strings.Contains(text["ja"], gap) {
				t.Errorf("%s: one language has no %s", id, gap)
			}
		}
	}
	page, err := files.ReadFile("page/page.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`\.T "([a-z]+)"`).FindAllStringSubmatch(string(page), -1) {
		if all[m[1]] == nil {
			t.Errorf("the page asks for %q", m[1])
		}
	}
}

func TestLanguage(t *testing.T) {
	for header, want := range map[string]string{"": "en", "ja": "ja", "ja-JP,ja;q=0.9,en;q=0.8": "ja", "en-US,en;q=0.9,ja;q=0.8": "en", "fr,ja;q=0.5": "ja", "ja;q=0,fr": "en"} {
		r := &http.Request{Header: http.Header{"Accept-Language": {header}}}
		if got := language(r); got != want {
			t.Errorf("%q: %s", header, got)
		}
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 99_949: "99.9 kB", 100_000: "100 kB", 1_234_567: "1.2 MB", 7_000_000_000_000: "7.0 TB"} {
		if got := size(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}
