package main

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"golang.org/x/term"
)

// startBrowser shows an address in the person's browser. No shell reads the address.
func startBrowser(address string) error {
	var cmd *exec.Cmd
	switch runtime.GOOS {
	case "windows":
		cmd = exec.Command("rundll32", "url.dll,FileProtocolHandler", address)
	case "darwin":
		cmd = exec.Command("/usr/bin/open", address)
	default:
		cmd = exec.Command("xdg-open", address)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting the browser: %w", err)
	}
	go func() { _ = cmd.Wait() }() // it ends when the browser has the address, or with the browser
	return nil
}

// show shows an address, or says it where there is no browser.
func (p *program) show(address string) {
	if p.browse == nil || p.browse(address) != nil {
		p.ui.say(p.ui.tr("no browser could be started; open this address in one: %s", "ブラウザーを起動できませんでした。次のアドレスをブラウザーで開いてください: %s"), address)
	}
}

// fileAddress is the address of a file (RFC 8089).
func fileAddress(path string) string {
	path = filepath.ToSlash(path)
	if path == "" || path[0] != '/' {
		path = "/" + path // C:/…
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}

// noTerminal reports whether none of the standard streams is a terminal or somebody's pipe or file: what is started by a click
// has the null device, or nothing.
func noTerminal(streams ...any) bool {
	for _, s := range streams {
		f, ok := s.(*os.File)
		if !ok || term.IsTerminal(int(f.Fd())) {
			return false
		}
	}
	in, ok := streams[0].(*os.File)
	if !ok {
		return false
	}
	info, err := in.Stat()
	return err != nil || info.Mode()&os.ModeCharDevice != 0
}
