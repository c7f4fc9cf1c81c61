package window

import (
	"crypto/subtle"
	"encoding/json"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// handler is the window behind its guard.
func (w *Window) handler() http.Handler {
	pages := http.NewServeMux()
	pages.HandleFunc("GET /{$}", w.servePage)
	pages.HandleFunc("GET /folder", w.serveFolder)
	pages.HandleFunc("GET /events", w.serveEvents)
	pages.HandleFunc("GET /page/{file}", w.serveReport)
	pages.HandleFunc("GET /save/{file}", w.serveReport)
	pages.HandleFunc("POST /look", w.serveLook)
	pages.HandleFunc("POST /cancel", func(rw http.ResponseWriter, r *http.Request) { w.end(); w.home(rw, r) })
	pages.HandleFunc("POST /again", func(rw http.ResponseWriter, r *http.Request) { w.again(); w.home(rw, r) })
	pages.HandleFunc("POST /quit", w.serveQuit)
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		h := rw.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "same-origin") // with no-referrer a form would hide its origin from us too
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		if !w.mine(r) {
			notFound(rw)
			return
		}
		if r.URL.Path == "/" && r.Method == http.MethodGet {
			w.serveStart(rw, r)
			return
		}
		session, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		if subtle.ConstantTimeCompare([]byte(session), []byte(w.session)) != 1 {
			notFound(rw)
			return
		}
		in := r.Clone(r.Context())
		in.URL.Path, in.URL.RawPath = "/"+rest, ""
		pages.ServeHTTP(rw, in)
	})
}

// notFound says nothing of what there is.
func notFound(rw http.ResponseWriter) { rw.WriteHeader(http.StatusNotFound) }

// mine reports whether a request can come from the window's own pages, or from the start of the browser: it names the listener,
// no other site asks for it, and what does something comes from here.
func (w *Window) mine(r *http.Request) bool {
	if r.Host != w.host {
		return false
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin": // "": a browser of before 2023
	default:
		return false
	}
	origin := r.Header.Get("Origin")
	if r.Method == http.MethodGet {
		return origin == "" || origin == "http://"+w.host
	}
	return r.Method == http.MethodPost && origin == "http://"+w.host
}

// serveStart takes the key and sends the browser to the session. The key is used up.
func (w *Window) serveStart(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	ok := w.key != "" && subtle.ConstantTimeCompare([]byte(r.URL.RawQuery), []byte(w.key)) == 1
	if ok {
		w.key, w.closed = "", time.Now()
	}
	w.mu.Unlock()
	if !ok {
		notFound(rw)
		return
	}
	w.home(rw, r)
}

// home sends the browser to the page.
func (w *Window) home(rw http.ResponseWriter, r *http.Request) {
	http.Redirect(rw, r, "/"+w.session+"/", http.StatusSeeOther)
}

// lookMost bounds the body of a choice.
const lookMost = 1 << 20

func (w *Window) serveLook(rw http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(rw, r.Body, lookMost)
	if err := r.ParseForm(); err != nil {
		rw.WriteHeader(http.StatusBadRequest)
		return
	}
	var paths []string
	for _, number := range r.PostForm["at"] {
		for n := range strings.SplitSeq(number, ",") {
			path, ok := w.walk.path(n)
			if !ok || path == "" {
				notFound(rw)
				return
			}
			paths = append(paths, path)
		}
	}
	if len(paths) > 0 {
		w.look(language(r), paths)
	}
	w.home(rw, r)
}

// serveEvents tells how far the scan is, as server-sent events (HTML standard §9.2), for as long as the page is open.
func (w *Window) serveEvents(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	w.pages++
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		w.pages--
		w.closed = time.Now()
		w.mu.Unlock()
	}()
	rw.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(rw)
	for {
		w.mu.Lock()
		p, at, began, change := w.last, w.stage, w.began, w.change
		w.mu.Unlock()
		data, err := json.Marshal(w.event(language(r), at, p, time.Since(began)))
		if err == nil {
			_, err = rw.Write(slices.Concat([]byte("data: "), data, []byte("\n\n")))
		}
		if err != nil || out.Flush() != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-w.ctx.Done():
			return
		case <-time.After(15 * time.Second): // a page that is gone is found by writing
		case <-change:
		}
		// Four times a second are enough for the eye.
		select {
		case <-w.ctx.Done():
			return
		case <-time.After(250 * time.Millisecond):
		}
	}
}

// serveReport sends a file of the report, to look at or to keep.
func (w *Window) serveReport(rw http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	w.mu.Lock()
	ready := w.stage == finished && w.ended.Error == ""
	w.mu.Unlock()
	types := map[string]string{
		ReportFile: "text/html; charset=utf-8", SheetFile: "text/html; charset=utf-8",
		WorkbookFile: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	}
	save := strings.HasPrefix(r.URL.Path, "/save/")
	if types[name] == "" || !ready || !save && name == WorkbookFile {
		notFound(rw)
		return
	}
	f, err := os.Open(filepath.Join(w.cfg.Dir, name))
	if err != nil {
		notFound(rw)
		return
	}
	defer f.Close()
	rw.Header().Set("Content-Type", types[name])
	if save {
		rw.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "mailaudit-" + name}))
	} else {
		// The report says itself what it may load: nothing (its own policy stands in it).
		rw.Header().Set("Content-Security-Policy", "frame-ancestors 'none'")
	}
	http.ServeContent(rw, r, "", time.Time{}, f)
}
