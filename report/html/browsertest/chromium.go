// Package browsertest drives a real Chromium over the page that package html writes. It has no dependency: Chromium
// speaks its DevTools protocol over two pipes (--remote-debugging-pipe), JSON messages ended by a zero byte.
//
// The tests need a chromium in the PATH and say so where there is none. MAILAUDIT_AXE may name axe.min.js of axe-core,
// which is then run over the page as well; with MAILAUDIT_BROWSER set, a browser that is there and does not start fails them.
package browsertest

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// Browser is a running Chromium with one page.
type Browser struct {
	cmd     *exec.Cmd
	in      *os.File
	lines   chan []byte
	next    int
	session string
	// Events are the names and parameters of what the page told since the last Open.
	Events []Event
}

// Event is something the browser told without being asked.
type Event struct {
	Method string
	Params json.RawMessage
}

// answer is one message of the protocol.
type answer struct {
	ID     int             `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// ErrNone is returned by Start where no Chromium is installed.
var ErrNone = errors.New("browsertest: no chromium in the PATH")

// timeout ends a call the browser does not answer.
const timeout = 60 * time.Second

// Start starts Chromium with a profile in dir.
func Start(dir string, width, height int) (*Browser, error) {
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		return nil, ErrNone
	}
	toRead, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	out, toWrite, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
		"--remote-debugging-pipe", "--user-data-dir="+dir, fmt.Sprintf("--window-size=%d,%d", width, height), "about:blank")
	cmd.ExtraFiles = []*os.File{toRead, toWrite}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start chromium: %w", err)
	}
	toRead.Close()
	toWrite.Close()
	b := &Browser{cmd: cmd, in: in, lines: make(chan []byte, 1024)}
	go func() {
		r := bufio.NewReaderSize(out, 1<<20)
		for {
			line, err := r.ReadBytes(0)
			if err != nil {
				close(b.lines)
				return
			}
			b.lines <- line[:len(line)-1]
		}
	}()
	return b, b.attach()
}

func (b *Browser) attach() error {
	var target struct {
		TargetID string `json:"targetId"`
	}
	if err := b.Call("Target.createTarget", map[string]any{"url": "about:blank"}, &target); err != nil {
		return err
	}
	var session struct {
		SessionID string `json:"sessionId"`
	}
	if err := b.Call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &session); err != nil {
		return err
	}
	b.session = session.SessionID
	for _, domain := range []string{"Page", "Runtime", "Network", "Log"} {
		if err := b.Call(domain+".enable", nil, nil); err != nil {
			return err
		}
	}
	return nil
}

// Close ends the browser.
func (b *Browser) Close() error {
	b.in.Close()
	done := make(chan error, 1)
	go func() { done <- b.cmd.Wait() }()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		b.cmd.Process.Kill()
		<-done
	}
	return nil
}

// Call sends one command and waits for its answer.
func (b *Browser) Call(method string, params any, result any) error {
	b.next++
	id := b.next
	m := map[string]any{"id": id, "method": method}
	if params != nil {
		m["params"] = params
	}
	if b.session != "" {
		m["sessionId"] = b.session
	}
	line, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if _, err := b.in.Write(append(line, 0)); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	_, err = b.wait(func(a *answer) (bool, error) {
		if a.ID != id {
			return false, nil
		}
		if a.Error != nil {
			return true, fmt.Errorf("%s: %s", method, a.Error.Message)
		}
		if result == nil {
			return true, nil
		}
		return true, json.Unmarshal(a.Result, result)
	})
	return err
}

// wait reads messages until one is the one, and keeps events.
func (b *Browser) wait(is func(*answer) (bool, error)) (*answer, error) {
	late := time.After(timeout)
	for {
		select {
		case line, ok := <-b.lines:
			if !ok {
				return nil, errors.New("browsertest: chromium has gone")
			}
			var a answer
			if err := json.Unmarshal(line, &a); err != nil {
				return nil, err
			}
			if a.Method != "" {
				b.Events = append(b.Events, Event{a.Method, a.Params})
			}
			if found, err := is(&a); found || err != nil {
				return &a, err
			}
		case <-late:
			return nil, errors.New("browsertest: no answer")
		}
	}
}

// Open loads a URL and waits until it is loaded.
func (b *Browser) Open(url string) error {
	b.Events = nil
	if err := b.Call("Page.navigate", map[string]any{"url": url}, nil); err != nil {
		return err
	}
	for _, e := range b.Events {
		if e.Method == "Page.loadEventFired" {
			return nil
		}
	}
	_, err := b.wait(func(a *answer) (bool, error) { return a.Method == "Page.loadEventFired", nil })
	return err
}

// Eval runs an expression in the page and decodes its JSON value into result.
func (b *Browser) Eval(expression string, result any) error {
	var out struct {
		Result struct {
			Value json.RawMessage `json:"value"`
		} `json:"result"`
		ExceptionDetails *struct {
			Exception struct {
				Description string `json:"description"`
			} `json:"exception"`
		} `json:"exceptionDetails"`
	}
	if err := b.Call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}, &out); err != nil {
		return err
	}
	if out.ExceptionDetails != nil {
		return fmt.Errorf("browsertest: %s", out.ExceptionDetails.Exception.Description)
	}
	if result == nil || len(out.Result.Value) == 0 {
		return nil
	}
	return json.Unmarshal(out.Result.Value, result)
}
