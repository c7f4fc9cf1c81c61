package browsertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report/html"
	"github.com/mailaudit/mailaudit/report/reporttest"
	"github.com/mailaudit/mailaudit/report/view"
)

func browser(t testing.TB, width int) *Browser {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser is not started with -short")
	}
	dir, err := os.MkdirTemp("", "mailaudit-chromium")
	if err != nil {
		t.Fatal(err)
	}
	b, err := Start(dir, width, 900)
	if errors.Is(err, ErrNone) {
		t.Skip("no chromium in the PATH: the page is not tested in a browser")
	}
	if err != nil && os.Getenv("MAILAUDIT_BROWSER") == "" {
		t.Skipf("chromium does not start here, the page is not tested in a browser (with MAILAUDIT_BROWSER set this fails): %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close(); os.RemoveAll(dir) })
	return b
}

func page(t testing.TB, s *reporttest.Stream, lang view.Lang) string {
	t.Helper()
	var b bytes.Buffer
	if err := html.Write(context.Background(), s.File(), &b, view.Options{Lang: lang, Zone: reporttest.Tokyo}); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(name, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return "file://" + name
}

// quiet fails when the page complained, or asked for anything but itself.
func quiet(t testing.TB, b *Browser, url string) {
	t.Helper()
	for _, e := range b.Events {
		switch e.Method {
		case "Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded":
			t.Errorf("the page complains: %.400s", e.Params)
		case "Network.requestWillBeSent":
			if !strings.Contains(string(e.Params), url) {
				t.Errorf("a request leaves the page: %.400s", e.Params)
			}
		}
	}
}

func eval[T any](t testing.TB, b *Browser, expression string) T {
	t.Helper()
	var v T
	if err := b.Eval(expression, &v); err != nil {
		t.Fatalf("%.80s: %v", expression, err)
	}
	return v
}

const visibleRows = `document.querySelectorAll('.list tbody tr:not([hidden])').length - document.querySelectorAll('.block[hidden] tbody tr:not([hidden])').length`

// becomes reports whether an expression takes a value within ten seconds: the page waits for the end of typing, and a busy
// machine lets it wait longer.
func becomes[T comparable](t *testing.T, b *Browser, expression string, want T) bool {
	t.Helper()
	for range 200 {
		if eval[T](t, b, expression) == want {
			return true
		}
		time.Sleep(50 * time.Millisecond)
	}
	return false
}

// rows wants a number of rows to be shown.
func rows(t *testing.T, b *Browser, what string, want int) {
	t.Helper()
	if !becomes(t, b, visibleRows, want) {
		t.Errorf("%s: %d rows are shown, want %d", what, eval[int](t, b, visibleRows), want)
	}
}

// A reader filters, searches, sorts, folds and zooms, and nothing complains and nothing leaves the machine.
func TestPageAtWork(t *testing.T) {
	b := browser(t, 1280)
	s := reporttest.Takeover()
	url := page(t, s, view.JA)
	if err := b.Open(url); err != nil {
		t.Fatal(err)
	}
	all := len(s.Messages)
	rows(t, b, "unfiltered", all)
	set := func(name, value string) {
		if err := b.Eval(fmt.Sprintf(`(() => { const e = document.querySelector('.filter')[%q]; e.value = %q; e.dispatchEvent(new Event(e.type === 'search' ? 'input' : 'change', {bubbles: true})); })()`, name, value), nil); err != nil {
			t.Fatal(err)
		}
	}
	set("v", eval[string](t, b, `[...document.querySelector(".filter").v.options].find(o => o.textContent === "なりすまし").value`))
	rows(t, b, "only impersonations", int(s.Summary.Verdicts["impersonation"]))
	set("v", "")
	set("s", "u")
	rows(t, b, "only unnoticed", int(s.Summary.Unnoticed))
	set("s", "")
	set("q", "最近の変更")
	rows(t, b, "the search", 2)
	set("q", "")
	eval[any](t, b, `document.querySelector('.f-fake a').click()`)
	rows(t, b, "the figure of impersonations", int(s.Summary.Verdicts["impersonation"]))
	eval[any](t, b, `document.querySelector('.f-fake a').click()`)
	rows(t, b, "the figure chosen again", all)
	queries := findable(s)
	if len(queries) < 20 {
		t.Fatalf("%d queries: the stream has no order or no fake to search for", len(queries))
	}
	for _, q := range queries {
		set("q", q)
		if !becomes(t, b, visibleRows+" > 0 && "+visibleRows+fmt.Sprintf(" < %d", all), true) {
			t.Errorf("the search for %q shows %d rows of %d", q, eval[int](t, b, visibleRows), all)
		}
	}
	set("q", "")
	for _, order := range []string{"old", "sev", "from", ""} {
		set("o", order)
		rows(t, b, "sorted by "+order, all)
		if n := eval[int](t, b, `new Set([...document.querySelectorAll('.list tbody tr')].map(r => r.id)).size`); n != all {
			t.Errorf("sorted by %q there are %d different rows", order, n)
		}
	}
	eval[any](t, b, `document.querySelector('[data-fold=open]').click()`)
	if open, closed := eval[int](t, b, `document.querySelectorAll('details.msg[open]').length`), eval[int](t, b, `document.querySelectorAll('details.msg:not([open])').length`); closed != 0 || open == 0 {
		t.Errorf("unfolded, %d are open and %d closed", open, closed)
	}
	// A drag over the last tenth of the chart.
	eval[any](t, b, `document.querySelector('#timeline .canvas').scrollIntoView({behavior: 'instant'})`)
	box := eval[map[string]float64](t, b, `(() => { const r = document.querySelector('#timeline .strip.wide').getBoundingClientRect(); return {x: r.x, y: r.y, w: r.width, h: r.height}; })()`)
	mouse := func(kind string, x float64) {
		if err := b.Call("Input.dispatchMouseEvent", map[string]any{"type": kind, "x": box["x"] + x*box["w"], "y": box["y"] + box["h"]/3, "button": "left", "buttons": 1, "clickCount": 1}, nil); err != nil {
			t.Fatal(err)
		}
	}
	mouse("mousePressed", 0.9)
	mouse("mouseMoved", 0.95)
	mouse("mouseReleased", 0.999)
	if !eval[bool](t, b, `!!document.querySelector('.lens svg .mark')`) {
		t.Error("the zoom draws nothing")
	}
	if n := eval[int](t, b, visibleRows); n == 0 || n >= all {
		t.Errorf("zoomed in, %d of %d rows are shown", n, all)
	}
	eval[any](t, b, `document.querySelector('.lens button').click()`)
	rows(t, b, "zoomed out", all)
	// A link from what needs attention opens what it leads to.
	eval[any](t, b, `document.querySelector('[data-fold=close]').click()`)
	eval[any](t, b, `document.querySelector('#attention .refs a').click()`)
	if !becomes(t, b, `document.querySelector(location.hash)?.open === true`, true) {
		t.Error("a link to a message does not open it")
	}
	quiet(t, b, url)
}

// findable are what the page shows of a genuine order, a fake and their days, as people type it.
func findable(s *reporttest.Stream) (queries []string) {
	for i := range s.Messages {
		m := &s.Messages[i]
		if m.Verdict == finding.Impersonation && len(m.Links) > 0 {
			queries = append(queries, m.From.Address, view.DefangAddress(m.From.Address), m.Links[0].Host, "https://"+m.Links[0].Host)
			break
		}
	}
	for i := range s.Messages {
		m := &s.Messages[i]
		if m.Details == nil || m.Details.OrderID == "" || m.Details.Amount == "" {
			continue
		}
		day := m.Time.In(reporttest.Tokyo)
		queries = append(queries, m.ID, m.SHA256.String(), m.Details.OrderID, m.Details.Amount)
		for _, form := range []string{"2006-01-02", "2006/1/2", "2006.01.02", "2006年1月2日", "1月2日", "20060102", "2 Jan 2006", "January 2, 2006", "Jan 2", "2006年1月", "02/01/2006", "1/2"} {
			queries = append(queries, day.Format(form))
		}
		queries = append(queries, fmt.Sprintf("令和%d年%s", day.Year()-2018, day.Format("1月2日")), day.Format("2006-01-02")+" "+m.Details.OrderID)
		p := view.NewPrinter(nil, view.JA, reporttest.Tokyo)
		amount := p.Amount(m.Details.Amount, m.Details.Currency)
		return append(queries, amount, strings.TrimSuffix(amount, "円"), "¥"+strings.TrimSuffix(amount, "円"))
	}
	return queries
}

// What hostile mail says runs nowhere, and the page is as wide as the window on a phone.
func TestHostilePage(t *testing.T) {
	b := browser(t, 500)
	for name, s := range map[string]*reporttest.Stream{"hostile": reporttest.Hostile(), "takeover": reporttest.Takeover()} {
		url := page(t, s, view.EN)
		if err := b.Open(url); err != nil {
			t.Fatal(err)
		}
		eval[any](t, b, `document.querySelectorAll('details').forEach(d => d.open = true)`)
		if eval[bool](t, b, `'pwned' in window`) {
			t.Errorf("%s: script from mail ran", name)
		}
		if links := eval[[]string](t, b, `[...document.querySelectorAll('[href],[src]')].map(e => e.getAttribute('href') ?? e.getAttribute('src')).filter(h => !/^#[a-z][a-z0-9-]*$/.test(h))`); len(links) > 0 {
			t.Errorf("%s: live links %q", name, links)
		}
		if wide := eval[float64](t, b, `document.documentElement.scrollWidth - innerWidth`); wide > 0 {
			t.Errorf("%s: the page is %v px wider than a phone's window", name, wide)
		}
		quiet(t, b, url)
	}
}

// Without JavaScript everything is there: all rows, all reasons, and the controls that would do nothing are not.
func TestWithoutJavaScript(t *testing.T) {
	b := browser(t, 1280)
	if err := b.Call("Emulation.setScriptExecutionDisabled", map[string]any{"value": true}, nil); err != nil {
		t.Fatal(err)
	}
	s := reporttest.Takeover()
	url := page(t, s, view.EN)
	if err := b.Open(url); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Root struct {
			NodeID int `json:"nodeId"`
		} `json:"root"`
	}
	if err := b.Call("DOM.getDocument", map[string]any{"depth": 0}, &doc); err != nil {
		t.Fatal(err)
	}
	count := func(selector string) int {
		var found struct {
			NodeIDs []int `json:"nodeIds"`
		}
		if err := b.Call("DOM.querySelectorAll", map[string]any{"nodeId": doc.Root.NodeID, "selector": selector}, &found); err != nil {
			t.Fatal(err)
		}
		return len(found.NodeIDs)
	}
	if n := count(".list tbody tr"); n != len(s.Messages) {
		t.Errorf("%d rows for %d messages", n, len(s.Messages))
	}
	if n := count("details.msg .why"); n != len(s.Messages) {
		t.Errorf("%d messages with their reasons, of %d", n, len(s.Messages))
	}
	if n := count("html.on"); n != 0 {
		t.Error("the script ran")
	}
	quiet(t, b, url)
	// Nor is anything missing from a long page, which puts off details where there is JavaScript.
	url = page(t, reporttest.Large(4000), view.EN)
	if err := b.Open(url); err != nil {
		t.Fatal(err)
	}
	if err := b.Call("DOM.getDocument", map[string]any{"depth": 0}, &doc); err != nil {
		t.Fatal(err)
	}
	if links, told := count(`.list a[href^="#d"]`), count("details.msg .why"); told < 1000 || links != told {
		t.Errorf("%d messages with their reasons, links to %d", told, links)
	}
	quiet(t, b, url)
}

// A large report stays light: blocks that are out of sight are not laid out. What is counted are the objects of the
// layout, which are the same on every machine and stand for the time: 50,000 rows laid out at once take 18 s of
// processor time, in blocks 1.4 s.
func TestLargePage(t *testing.T) {
	b := browser(t, 1280)
	url := page(t, reporttest.Large(4000), view.JA)
	if err := b.Call("Performance.enable", nil, nil); err != nil {
		t.Fatal(err)
	}
	if err := b.Open(url); err != nil {
		t.Fatal(err)
	}
	if !becomes(t, b, `document.querySelectorAll('.block.later').length`, 0) {
		t.Fatal("rows that were put off are not taken in when there is time")
	}
	light := layoutObjects(t, b)
	eval[any](t, b, `(() => { const s = new CSSStyleSheet(); s.replaceSync('* { content-visibility: visible !important }'); document.adoptedStyleSheets = [s]; document.body.offsetHeight; })()`)
	heavy := layoutObjects(t, b)
	if light*4 > heavy {
		t.Errorf("%.0f objects are laid out, and %.0f when all blocks are in sight: hardly anything is saved", light, heavy)
	}
	// Details that were put off are taken in when a link leads to them, when they come into sight, and all at once.
	if err := b.Open(url); err != nil {
		t.Fatal(err)
	}
	becomes(t, b, `document.querySelectorAll('.block.later').length`, 0)
	told := eval[int](t, b, `document.querySelectorAll('.list a[href^="#d"]').length`)
	if late := eval[int](t, b, `document.querySelectorAll('.later[data-ids]').length`); late == 0 || told < 1000 {
		t.Fatalf("%d blocks are put off, %d messages told in full: the test tests nothing", late, told)
	}
	eval[any](t, b, `(() => { const ids = [...document.querySelectorAll('.later[data-ids]')].at(-1).dataset.ids.split(' '); document.querySelector('.list a[href="#d' + ids[3] + '"]').click(); })()`)
	if !becomes(t, b, `document.querySelector(location.hash)?.open === true && document.activeElement.parentNode === document.querySelector(location.hash)`, true) {
		t.Error("a link into a block that was put off does not open what it leads to")
	}
	eval[any](t, b, `document.querySelector('.later[data-ids]').scrollIntoView({behavior: 'instant'})`)
	if !becomes(t, b, `document.querySelectorAll('.later[data-ids]').length + 1 < document.querySelectorAll('[data-ids]').length`, true) {
		t.Error("a block in sight is not taken in")
	}
	eval[any](t, b, `document.querySelector('[data-fold=open]').click()`)
	if n := eval[int](t, b, `document.querySelectorAll('details.msg[open] .why').length`); n != told {
		t.Errorf("all opened, %d messages show their reasons, of %d", n, told)
	}
	// A search before the rows were taken in finds them all the same.
	if err := b.Open(url); err != nil {
		t.Fatal(err)
	}
	eval[any](t, b, `(() => { const e = document.querySelector('.filter').q; e.value = '250-0000009'; e.dispatchEvent(new Event('input', {bubbles: true})); })()`)
	rows(t, b, "a search at once", 1)
	quiet(t, b, url)
}

// BenchmarkLargePage opens the page of 50,000 messages and tells what Chromium's main thread does for it until it is
// quiet, in milliseconds: all tasks, and of them style, layout and script; and when the first and the last of it is shown.
func BenchmarkLargePage(b *testing.B) {
	br := browser(b, 1280)
	url := page(b, reporttest.Large(50_000), view.JA)
	// The processor time of the thread: a busy machine changes it little.
	if err := br.Call("Performance.enable", map[string]any{"timeDomain": "threadTicks"}, nil); err != nil {
		b.Fatal(err)
	}
	sum := map[string]float64{}
	for b.Loop() {
		before := metrics(b, br)
		if err := br.Open(url); err != nil {
			b.Fatal(err)
		}
		// Two frames and an idle moment: what was put off is counted too.
		eval[any](b, br, `new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => requestIdleCallback(() => r(0)))))`)
		after := metrics(b, br)
		for name, metric := range map[string]string{"main-ms": "TaskDuration", "style-ms": "RecalcStyleDuration", "layout-ms": "LayoutDuration", "script-ms": "ScriptDuration"} {
			sum[name] += 1000 * (after[metric] - before[metric])
		}
		sum["nodes"] += after["Nodes"]
		for name, at := range map[string]string{"paint-ms": `performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0`, "load-ms": `performance.timing.loadEventEnd - performance.timing.navigationStart`} {
			sum[name] += eval[float64](b, br, at)
		}
		if err := br.Open("about:blank"); err != nil {
			b.Fatal(err)
		}
	}
	for name, v := range sum {
		b.ReportMetric(v/float64(b.N), name)
	}
}

// layoutObjects is how many boxes, texts and lines the browser has laid out.
func layoutObjects(t *testing.T, b *Browser) float64 {
	t.Helper()
	n, ok := metrics(t, b)["LayoutObjects"]
	if !ok {
		t.Fatal("the browser does not count what it lays out")
	}
	t.Logf("%.0f objects are laid out", n)
	return n
}

// metrics are what the browser counts of the page, durations in seconds.
func metrics(t testing.TB, b *Browser) map[string]float64 {
	t.Helper()
	var told struct {
		Metrics []struct {
			Name  string
			Value float64
		}
	}
	if err := b.Call("Performance.getMetrics", nil, &told); err != nil {
		t.Fatal(err)
	}
	m := map[string]float64{}
	for _, v := range told.Metrics {
		m[v.Name] = v.Value
	}
	return m
}

// axe-core finds nothing, in both languages, in light and dark, at desktop and phone width.
func TestAxe(t *testing.T) {
	path := os.Getenv("MAILAUDIT_AXE")
	if path == "" {
		t.Skip("MAILAUDIT_AXE names no axe.min.js: accessibility is not tested")
	}
	axe, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, width := range []int{1280, 500} {
		b := browser(t, width)
		if err := b.Call("Page.setBypassCSP", map[string]any{"enabled": true}, nil); err != nil {
			t.Fatal(err)
		}
		for _, scheme := range []string{"light", "dark"} {
			if err := b.Call("Emulation.setEmulatedMedia", map[string]any{"features": []any{map[string]any{"name": "prefers-color-scheme", "value": scheme}}}, nil); err != nil {
				t.Fatal(err)
			}
			for name, s := range map[string]*reporttest.Stream{"takeover": reporttest.Takeover(), "calm": reporttest.Calm(), "empty": reporttest.Empty()} {
				for _, lang := range view.Langs() {
					if err := b.Open(page(t, s, lang)); err != nil {
						t.Fatal(err)
					}
					eval[any](t, b, `document.querySelectorAll('details.mails, details.astable').forEach(d => d.open = true); [...document.querySelectorAll('details.msg')].slice(0, 5).forEach(d => d.open = true)`)
					if err := b.Eval(string(axe)+"\n;0", nil); err != nil {
						t.Fatal(err)
					}
					found := eval[[]string](t, b, `axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v => v.id + ': ' + v.help + ' — ' + v.nodes.slice(0, 3).map(n => n.target + ' ' + (n.failureSummary ?? '').replace(/\s+/g, ' ')).join(' | ')))`)
					for _, v := range found {
						t.Errorf("%s %s %s %d: %s", name, lang, scheme, width, v)
					}
				}
			}
		}
	}
}
