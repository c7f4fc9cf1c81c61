package window

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
)

//go:embed text.toml page
var files embed.FS

// texts are what the window says, by id and language.
type texts map[string]map[string]string

func loadTexts() (texts, error) {
	data, err := files.ReadFile("text.toml")
	if err != nil {
		return nil, fmt.Errorf("window: %w", err)
	}
	var t texts
	if err := toml.Unmarshal(data, &t); err != nil {
		return nil, fmt.Errorf("window: text.toml: %w", err)
	}
	return t, nil
}

// say is a text with its gaps filled.
func (t texts) say(lang, id string, args ...any) string {
	text := t[id][lang]
	for i, a := range args {
		text = strings.ReplaceAll(text, "{"+strconv.Itoa(i)+"}", fmt.Sprint(a))
	}
	return text
}

// language is "ja" where the browser prefers Japanese to English (RFC 9110 §12.5.4), else "en".
func language(r *http.Request) string {
	for part := range strings.SplitSeq(strings.ToLower(r.Header.Get("Accept-Language")), ",") {
		tag, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.TrimSpace(params) == "q=0" {
			continue
		}
		switch base, _, _ := strings.Cut(tag, "-"); base {
		case "ja", "en":
			return base // browsers list them by preference
		}
	}
	return "en"
}

// shown is what the templates show.
type shown struct {
	w     *Window
	Lang  string
	Style template.CSS
	// Script is empty on pages that have none.
	Script template.JS
	View   string

	Stores  []choice
	Walk    int
	Folder  string
	Here    int
	Up      int // -1 for none
	Entries []entry
	More    int
	Closed  string
	Event   event
	Outcome Outcome
}

// choice is a store with the numbers of its paths.
type choice struct {
	Store
	Numbers string
	Checked bool
}

// T is a text in the page's language.
func (s *shown) T(id string, args ...any) string { return s.w.texts.say(s.Lang, id, args...) }

// Name is the name of a file, made harmless.
func (s *shown) Name(name string) string { return s.w.cfg.Visible(name) }

// Size is a number of bytes for people.
func (s *shown) Size(n int64) string { return size(n) }

// Files of the report.
func (s *shown) ReportFile() string   { return ReportFile }
func (s *shown) WorkbookFile() string { return WorkbookFile }
func (s *shown) SheetFile() string    { return SheetFile }

// render writes a page. Its policy names its own style and script by their digests and allows nothing else.
func (w *Window) render(rw http.ResponseWriter, r *http.Request, s *shown) {
	s.w, s.Lang = w, language(r)
	style, err := files.ReadFile("page/style.css")
	script, serr := files.ReadFile("page/script.js")
	page, terr := template.ParseFS(files, "page/page.html")
	if err != nil || serr != nil || terr != nil {
		rw.WriteHeader(http.StatusInternalServerError) // the files are in the program
		return
	}
	s.Style, s.Script = template.CSS(style), template.JS(script) //nolint:gosec // both are ours
	digest := func(b []byte) string {
		sum := sha256.Sum256(b)
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	rw.Header().Set("Content-Security-Policy", "default-src 'none'; style-src "+digest(style)+"; script-src "+digest(script)+
		"; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	_ = page.Execute(rw, s) // a browser that went away
}

func (w *Window) servePage(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	s := &shown{Outcome: w.ended, View: [...]string{choosing: "choose", scanning: "scan", finished: "done"}[w.stage], Walk: -1}
	s.Event = w.event(language(r), w.stage, w.last, time.Since(w.began))
	w.mu.Unlock()
	if s.View == "choose" {
		s.Stores = w.stores(r)
		s.Walk = w.walk.give("")
	}
	w.render(rw, r, s)
}

// stores are the mail to choose from. What is on the computer is looked for once in a language.
func (w *Window) stores(r *http.Request) []choice {
	lang := language(r)
	w.mu.Lock()
	found, known := w.found[lang]
	w.mu.Unlock()
	if !known {
		found = w.cfg.Find(r.Context(), lang)
		w.mu.Lock()
		w.found[lang] = found
		w.mu.Unlock()
	}
	var list []choice
	for _, path := range w.cfg.Given {
		list = append(list, choice{Store: Store{Title: w.cfg.Visible(filepath.Base(path)), Extent: w.texts.say(lang, "given"), Path: w.cfg.Visible(path), Paths: []string{path}}, Checked: true})
	}
	for _, st := range found {
		list = append(list, choice{Store: st, Checked: len(list) == 0 && st.Trouble == "" && len(found) == 1})
	}
	for i := range list {
		var numbers []string
		for _, path := range list[i].Paths {
			numbers = append(numbers, strconv.Itoa(w.walk.give(path)))
		}
		list[i].Numbers = strings.Join(numbers, ",")
	}
	return list
}

func (w *Window) serveFolder(rw http.ResponseWriter, r *http.Request) {
	dir, ok := w.walk.path(r.URL.Query().Get("at"))
	if !ok {
		notFound(rw)
		return
	}
	s := &shown{View: "folder", Up: -1, Here: -1}
	if dir == "" { // where walks begin
		for _, root := range w.cfg.Roots {
			s.Entries = append(s.Entries, entry{Name: root, Number: w.walk.give(root), Folder: true})
		}
		w.render(rw, r, s)
		return
	}
	type listing struct {
		entries []entry
		more    int
		err     error
	}
	answer := make(chan listing, 1)
	go func() {
		var l listing
		l.entries, l.more, l.err = w.walk.list(dir)
		answer <- l
	}()
	select {
	case l := <-answer:
		s.Entries, s.More = l.entries, l.more
		if l.err != nil {
			s.Closed = w.texts.say(language(r), "closed", w.cfg.Visible(l.err.Error()))
		}
	case <-time.After(w.cfg.Patience):
		s.Closed = w.texts.say(language(r), "slow") // a network drive that is away; its goroutine ends with the process
	}
	s.Folder, s.Here, s.Up = w.cfg.Visible(dir), w.walk.give(dir), w.walk.give("")
	if parent := filepath.Dir(dir); w.below(parent) {
		s.Up = w.walk.give(parent)
	}
	w.render(rw, r, s)
}

// below reports whether a folder is one of the roots or lies in one.
func (w *Window) below(dir string) bool {
	for _, root := range w.cfg.Roots {
		if rel, err := filepath.Rel(root, dir); err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			return true
		}
	}
	return false
}

func (w *Window) serveQuit(rw http.ResponseWriter, r *http.Request) {
	w.render(rw, r, &shown{View: "bye"})
	w.stop()
}

// event is how far things are, in words.
type event struct {
	Stage   string   `json:"stage"`
	Percent int      `json:"percent"` // -1 while it is not known
	Lines   []string `json:"lines"`
}

func (w *Window) event(lang string, at stage, p Progress, took time.Duration) event {
	e := event{Stage: [...]string{choosing: "choose", scanning: "scan", finished: "done"}[at], Percent: -1, Lines: []string{}}
	if at != scanning {
		return e
	}
	say := func(id string, args ...any) { e.Lines = append(e.Lines, w.texts.say(lang, id, args...)) }
	if p.Concluding {
		e.Percent = 100
		say("concluding")
	} else {
		rate := float64(p.Bytes) / max(took.Seconds(), 0.001)
		if p.Total > 0 {
			e.Percent = int(100 * min(p.Bytes, p.Total) / p.Total)
			say("of", size(p.Bytes), size(p.Total))
		} else {
			say("bytes", size(p.Bytes))
		}
		if took >= time.Second {
			say("rate", size(int64(rate)))
			if left := p.Total - p.Bytes; left > 0 && rate > 0 {
				if s := int(float64(left)/rate) + 1; s < 90 {
					say("left", w.texts.say(lang, "seconds", s))
				} else {
					say("left", w.texts.say(lang, "minutes", (s+59)/60))
				}
			}
		}
	}
	if p.Messages > 0 {
		say("messages", grouped(p.Messages))
		say("tells", grouped(p.Tells))
	}
	return e
}

// grouped writes a number with commas between thousands, as both languages do.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// size writes a number of bytes in powers of 1000, as disks are sold.
func size(n int64) string {
	v := float64(n)
	for _, unit := range []string{"B", "kB", "MB", "GB"} {
		if v < 999.5 {
			if v < 99.95 && unit != "B" {
				return fmt.Sprintf("%.1f %s", v, unit)
			}
			return fmt.Sprintf("%.0f %s", v, unit)
		}
		v /= 1000
	}
	return fmt.Sprintf("%.1f TB", v)
}
