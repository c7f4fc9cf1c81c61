//go:build unix

package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestEveryStageAnswers: wherever a run is (reading, learning, judging, writing reports), the first Ctrl-C is answered at
// once and the second one ends the process. The moments are spread over the time that a whole run takes.
func TestEveryStageAnswers(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs processes for seconds")
	}
	one, err := os.ReadFile("../../samples/takeover/input/haruka.mbox")
	if err != nil {
		t.Fatal(err)
	}
	box := filepath.Join(t.TempDir(), "box.mbox")
	if err := os.WriteFile(box, bytes.Repeat(one, 8), 0o600); err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	start := func() (cmd *exec.Cmd, talk io.Reader) {
		cmd = exec.Command(exe)
		// The name makes the test binary the command: see TestMain.
		cmd.Args = []string{"mailaudit", "scan", "--output", t.TempDir(), "--fail-on", "never", "--lang", "en", box}
		r, err := cmd.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd, r
	}
	begun := time.Now()
	cmd, talk := start()
	if _, err := io.Copy(io.Discard, talk); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	whole := time.Since(begun)

	const moments = 8
	var slowest time.Duration
	answered := 0
	for i := 1; i <= moments; i++ {
		cmd, talk := start()
		// The clock starts when the program can hear: before that the signal ends it as any other program.
		time.Sleep(whole * time.Duration(i) / (moments + 1))
		pressed := time.Now()
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			continue // it was done
		}
		said := make([]byte, 4096)
		n, err := io.ReadAtLeast(talk, said, 1)
		if err != nil {
			_ = cmd.Wait() // it was done, or had not begun
			continue
		}
		if !strings.Contains(string(said[:n]), "stopping") {
			t.Errorf("at %d/%d of a run the answer is %q", i, moments+1, said[:n])
		}
		slowest = max(slowest, time.Since(pressed))
		pressed = time.Now()
		again := cmd.Process.Signal(syscall.SIGINT)
		_, _ = io.Copy(io.Discard, talk)
		err = cmd.Wait()
		slowest = max(slowest, time.Since(pressed))
		var exit *exec.ExitError
		if again == nil && err != nil && (!errors.As(err, &exit) || exit.ExitCode() != exitInterrupted) {
			t.Errorf("at %d/%d of a run the second Ctrl-C ends it with %v", i, moments+1, err)
		}
		answered++
	}
	t.Logf("a run of %s: %d of %d moments answered, the slowest in %s", whole.Round(time.Millisecond), answered, moments, slowest.Round(time.Millisecond))
	// A second is promised; the rest is for a machine that does other things as well.
	if answered == 0 || slowest > 5*time.Second {
		t.Errorf("%d of %d moments answered, the slowest in %s", answered, moments, slowest)
	}
}
