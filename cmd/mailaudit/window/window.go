// Package window is mailaudit in a browser: a page on the loopback interface on which a person who has never seen a terminal
// chooses mail, watches it being read, and gets the report.
//
// The page is served to one browser of one person. Whoever else can reach the port, another user of the machine or a page
// of the web in the same browser, learns nothing and can do nothing:
//
//   - it listens on 127.0.0.1 alone, on a port that the system picks;
//   - the address that starts the browser stands on a command line, where other users can read it, so its key is good for one
//     request: that one is sent on to the address of the session, which is drawn at random and stands nowhere else;
//   - a request is answered if its Host is that of the listener, so that no other name leads here (DNS rebinding), if the browser
//     does not say that another site asks (Sec-Fetch-Site), and, where it does something, if its Origin is the page's own;
//   - everything else is "not found", without a word more. Nothing is offered to other origins (no CORS), the page loads nothing
//     (CSP), and may not stand in a frame;
//   - files and folders are named by numbers that the page was given: what nobody walked to can't be asked for.
//
// The window ends with Quit, or some time after its last page was closed. What a scan writes lies in a private folder that goes
// with it; a person keeps what they save.
package window

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Store is mail that was found, in the words of a language.
type Store struct {
	Title    string // program and name
	Extent   string // size and newest date; may be ""
	Accounts string
	Path     string // to show
	Trouble  string // why it can't be read; "" for nothing
	Paths    []string
}

// Progress is how far a scan is.
type Progress struct {
	Bytes, Total     int64 // of the sources; Total is 0 while it is not known
	Messages, Tells  int64 // read, and those of them that the report will speak of
	Concluding, Done bool
}

// Outcome is what a scan ends with. Where Error is set there is no report.
type Outcome struct {
	Error, Hint string
	Interrupted bool
}

// Config is what a window needs. All functions may be called from several goroutines.
type Config struct {
	// Find lists the mail on this computer in the words of a language, "ja" or "en".
	Find func(ctx context.Context, lang string) []Store
	// Given are paths that were named on the command line: they stand before what was found, checked.
	Given []string
	// Roots are where a walk through folders begins.
	Roots []string
	// Scan reads mail and writes the files of Files into Dir. It ends early, with what was read, when ctx ends.
	Scan func(ctx context.Context, lang string, paths []string, progress func(Progress)) Outcome
	// Dir is the folder with the reports.
	Dir string
	// Visible makes text from a disk harmless to read.
	Visible func(string) string
	// Patience is how long a folder may take to be listed.
	Patience time.Duration
	// Idle is how long the window stays after its last page was closed, First how long it waits for the first one.
	Idle, First time.Duration
}

// Files of Config.Dir that the window serves.
const (
	ReportFile   = "report.html"
	WorkbookFile = "report.xlsx"
	SheetFile    = "summary.html"
)

// Window is a page that is served.
type Window struct {
	cfg      Config
	listener net.Listener
	host     string // 127.0.0.1:port
	session  string // the first element of the paths of all pages
	texts    texts
	stop     context.CancelFunc
	ctx      context.Context

	mu     sync.Mutex
	key    string // of the address that starts the browser; "" once it was used
	stage  stage
	last   Progress
	ended  Outcome
	cancel context.CancelFunc // of the scan
	scans  sync.WaitGroup
	walk   places
	found  map[string][]Store
	pages  int       // that are open: each holds a connection
	closed time.Time // when the last one was closed
	began  time.Time // of the scan
	change chan struct{}
}

type stage int

const (
	choosing stage = iota
	scanning
	finished
)

// Open listens. The window is served by Serve.
func Open(cfg Config) (*Window, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening on the loopback interface: %w", err)
	}
	w := &Window{
		cfg: cfg, listener: l, host: l.Addr().String(), key: rand.Text(), session: rand.Text(), walk: newPlaces(), found: make(map[string][]Store),
		closed: time.Now(), change: make(chan struct{}),
	}
	if w.texts, err = loadTexts(); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	w.ctx, w.stop = context.WithCancel(context.Background())
	return w, nil
}

// Address is what a browser is to be started with. It is good for one use.
func (w *Window) Address() string { return "http://" + w.host + "/?" + w.key }

// Serve answers until the person quits, the last page has been closed for a while, or ctx ends. A scan that is under way is
// ended then.
func (w *Window) Serve(ctx context.Context) error {
	defer context.AfterFunc(ctx, w.stop)()
	server := &http.Server{Handler: w.handler(), ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10}
	served := make(chan error, 1)
	go func() { served <- server.Serve(w.listener) }()
	go w.wait()
	var err error
	select {
	case err = <-served:
	case <-w.ctx.Done():
		// The answer that says goodbye is still under way.
		end, stop := context.WithTimeout(context.Background(), 2*time.Second)
		defer stop()
		if server.Shutdown(end) != nil {
			_ = server.Close()
		}
	}
	w.stop()
	w.scans.Wait()
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving the window: %w", err)
	}
	return nil
}

// wait ends the window when nobody looks at it any more.
func (w *Window) wait() {
	tick := time.NewTicker(min(w.cfg.Idle, time.Second))
	defer tick.Stop()
	for {
		select {
		case <-w.ctx.Done():
			return
		case <-tick.C:
		}
		w.mu.Lock()
		limit := w.cfg.Idle
		if w.key != "" {
			limit = w.cfg.First
		}
		gone := w.pages == 0 && time.Since(w.closed) > limit
		w.mu.Unlock()
		if gone {
			w.stop()
			return
		}
	}
}

// look starts a scan of paths; it reports whether none was under way.
func (w *Window) look(lang string, paths []string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stage == scanning || w.ctx.Err() != nil {
		return false
	}
	ctx, cancel := context.WithCancel(w.ctx)
	w.stage, w.cancel, w.last, w.ended, w.began = scanning, cancel, Progress{}, Outcome{}, time.Now()
	w.changed()
	w.scans.Add(1)
	go func() {
		defer w.scans.Done()
		defer cancel()
		out := w.cfg.Scan(ctx, lang, paths, w.progress)
		w.mu.Lock()
		defer w.mu.Unlock()
		w.stage, w.ended, w.last.Done = finished, out, true
		w.changed()
	}()
	return true
}

func (w *Window) progress(p Progress) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last = p
	w.changed()
}

// changed wakes all who wait for news. w.mu is held.
func (w *Window) changed() {
	close(w.change)
	w.change = make(chan struct{})
}

// again goes back to the choice.
func (w *Window) again() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stage == finished {
		w.stage = choosing
		w.changed()
	}
}

// end ends the scan that is under way: what was read is still concluded.
func (w *Window) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cancel != nil {
		w.cancel()
	}
}
