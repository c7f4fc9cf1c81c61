// Package inspect looks into pictures and large PDF files in a child process.
//
// Decoders of pictures and codes are foreign code that runs over a stranger's bytes. They work within limits counted in
// pixels and bytes and behind recover; what neither of these holds, a loop without end or memory without bound, takes
// only a child process with it. A Pool starts children when it needs them, gives each many files one after the other, and
// kills one that takes too long. A child that ended or was killed is an error of that file, never an answer about it.
//
// Parent and child speak over the child's standard input and output: a line of JSON that says what follows, the file's
// bytes, and a line of JSON back. A child ends when its input does, so that none outlives its parent.
package inspect

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/message/attachment"
)

// Timeout is how long a child may work on one file. The limits let no file take more than some seconds on a slow
// machine; only one that hangs takes longer, on any machine, so that the clock does not decide what is found.
const Timeout = 90 * time.Second

// longestAnswer bounds what a child may answer, in bytes: a PDF at the limit of links has some hundred kilobytes. A child
// taken over by a file could answer without end.
const longestAnswer = 16 << 20

// ErrEnded is returned for a file whose child ended without an answer; ErrTimeout for one that took longer than Timeout.
var (
	ErrEnded   = errors.New("attachment: the process that looked into it ended without an answer")
	ErrTimeout = errors.New("attachment: looking into it took too long and was stopped")
)

// request is the line before a file's bytes.
type request struct {
	Kind   string       `json:"kind"`
	Size   int          `json:"size"`
	Limits limit.Limits `json:"limits"`
}

// answer is the line that comes back.
type answer struct {
	Found []found `json:"found,omitempty"`
	Error string  `json:"error,omitempty"`
}

// found is an attachment.Found whose texts may hold any bytes, which JSON strings may not.
type found struct {
	Target []byte `json:"target"`
	Shown  []byte `json:"shown,omitempty"`
	From   string `json:"from"`
}

func (a *answer) links() []attachment.Found {
	var out []attachment.Found
	for _, f := range a.Found {
		out = append(out, attachment.Found{Target: string(f.Target), Shown: string(f.Shown), From: f.From})
	}
	return out
}

// Pool has files looked into by children. It is safe for concurrent use; there are at most as many children as callers
// at one time.
type Pool struct {
	start   func() *exec.Cmd
	timeout time.Duration

	mu     sync.Mutex
	idle   []*child
	closed bool
}

// NewPool makes a Pool. start makes the command of a child: one that calls Serve on its standard input and output.
// A timeout of 0 is Timeout.
func NewPool(start func() *exec.Cmd, timeout time.Duration) *Pool {
	if timeout == 0 {
		timeout = Timeout
	}
	return &Pool{start: start, timeout: timeout}
}

// Inspect is an attachment.Inspector. Where no child can be started, as in a sandbox that forbids it, the file is looked
// into in this process.
func (p *Pool) Inspect(ctx context.Context, kind string, data []byte, lim limit.Limits) ([]attachment.Found, error) {
	req := request{Kind: kind, Size: len(data), Limits: lim}
	c, used, err := p.child()
	if err != nil {
		return attachment.InProcess(ctx, kind, data, lim)
	}
	links, err := p.ask(c, req, data)
	if used && errors.Is(err, ErrEnded) {
		// It may have ended before this file, by a signal meant for others: only a fresh one's end is the file's doing.
		if c, err = p.fresh(); err != nil {
			return attachment.InProcess(ctx, kind, data, lim)
		}
		links, err = p.ask(c, req, data)
	}
	return links, err
}

// child takes an idle child, or starts one. Used tells that it has worked before.
func (p *Pool) child() (c *child, used bool, err error) {
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		c, p.idle = p.idle[n-1], p.idle[:n-1]
		p.mu.Unlock()
		return c, true, nil
	}
	p.mu.Unlock()
	c, err = p.fresh()
	return c, false, err
}

func (p *Pool) fresh() (*child, error) { return startChild(p.start()) }

// ask has a child look into a file. One that answered is kept for the next file, any other is ended.
func (p *Pool) ask(c *child, req request, data []byte) ([]attachment.Found, error) {
	late := make(chan struct{})
	timer := time.AfterFunc(p.timeout, func() { close(late); c.kill() })
	a, err := c.ask(req, data)
	if !timer.Stop() {
		<-late
		c.end()
		return nil, ErrTimeout
	}
	if err != nil {
		c.end()
		return nil, ErrEnded
	}
	p.mu.Lock()
	keep := !p.closed
	if keep {
		p.idle = append(p.idle, c)
	}
	p.mu.Unlock()
	if !keep {
		c.end()
	}
	if a.Error != "" {
		return a.links(), errors.New(a.Error)
	}
	return a.links(), nil
}

// Close ends the children that are not at work; those that are end with their file.
func (p *Pool) Close() {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.closed = nil, true
	p.mu.Unlock()
	for _, c := range idle {
		c.end()
	}
}

// child is a child process and the two ends of its pipes.
type child struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func startChild(cmd *exec.Cmd) (*child, error) {
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("starting a child: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting a child: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting a child: %w", err)
	}
	return &child{cmd: cmd, in: in, out: bufio.NewReader(out)}, nil
}

func (c *child) ask(req request, data []byte) (answer, error) {
	var a answer
	line, err := json.Marshal(req)
	if err != nil {
		return a, err
	}
	if _, err := c.in.Write(append(line, '\n')); err != nil {
		return a, err
	}
	if _, err := c.in.Write(data); err != nil {
		return a, err
	}
	line, err = readLine(c.out, longestAnswer)
	if err != nil {
		return a, err
	}
	return a, json.Unmarshal(line, &a)
}

func (c *child) kill() { _ = c.cmd.Process.Kill() }

// end ends the process and waits for it, so that none is left behind.
func (c *child) end() {
	_ = c.in.Close()
	c.kill()
	_ = c.cmd.Wait()
}

// readLine reads a line of at most limit bytes.
func readLine(r *bufio.Reader, limit int) ([]byte, error) {
	var line []byte
	for {
		piece, err := r.ReadSlice('\n')
		line = append(line, piece...)
		switch {
		case len(line) > limit:
			return nil, fmt.Errorf("a line of more than %d bytes", limit)
		case err == nil:
			return line, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		}
	}
}

// Serve is the child: it looks into one file after the other until its input ends.
func Serve(in io.Reader, out io.Writer) error {
	r := bufio.NewReader(in)
	for {
		line, err := readLine(r, 64<<10)
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return nil
		}
		if err != nil {
			return fmt.Errorf("inspect: reading a request: %w", err)
		}
		var req request
		if err := json.Unmarshal(line, &req); err != nil {
			return fmt.Errorf("inspect: reading a request: %w", err)
		}
		if req.Size < 0 || req.Size > req.Limits.Attachment {
			return fmt.Errorf("inspect: a file of %d bytes", req.Size)
		}
		data := make([]byte, req.Size)
		if _, err := io.ReadFull(r, data); err != nil {
			return fmt.Errorf("inspect: reading a file: %w", err)
		}
		var a answer
		links, err := attachment.InProcess(context.Background(), req.Kind, data, req.Limits)
		for _, l := range links {
			a.Found = append(a.Found, found{[]byte(l.Target), []byte(l.Shown), l.From})
		}
		if err != nil {
			a.Error = err.Error()
		}
		line, err = json.Marshal(a)
		if err != nil {
			return fmt.Errorf("inspect: %w", err)
		}
		if _, err := out.Write(append(line, '\n')); err != nil {
			return fmt.Errorf("inspect: answering: %w", err)
		}
	}
}
