package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
)

// usage is what a run took.
type usage struct {
	wall, cpu time.Duration
	peak      int64 // bytes of memory; 0 where the system does not tell
}

// command runs a program to its end. What it prints is thrown away, unless it fails.
func command(name string, args ...string) (usage, error) {
	cmd := exec.Command(name, args...)
	var said bytes.Buffer
	cmd.Stderr = &said
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	if err != nil {
		return usage{}, fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args, " "), err, strings.TrimSpace(said.String()))
	}
	s := cmd.ProcessState
	return usage{wall: wall, cpu: s.UserTime() + s.SystemTime(), peak: peak(s)}, nil
}

// hashRate is the speed of SHA-256 over a megabyte in memory, in MB/s: the best of ten.
func hashRate() float64 {
	block := make([]byte, 1<<20)
	best := 0.0
	for range 10 {
		start := time.Now()
		for range 64 {
			sha256.Sum256(block)
		}
		best = max(best, mega(64<<20, time.Since(start)))
	}
	return best
}

// yardstick is what is done with a file alone, to set a scan of it beside: it returns how many bytes that were.
type yardstick func(path string) (n int64, err error)

// hashFile reads and hashes a file.
func hashFile(path string) (n int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	n, err = io.CopyBuffer(struct{ io.Writer }{sha256.New()}, struct{ io.Reader }{f}, make([]byte, 1<<20))
	return n, errors.Join(err, f.Close())
}

// inflateZip inflates a zip with the inflater that mailaudit uses and does nothing else, one member after the other.
func inflateZip(path string) (n int64, err error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return 0, err
	}
	defer z.Close()
	z.RegisterDecompressor(zip.Deflate, flate.NewReader)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return n, err
		}
		k, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, r, make([]byte, 1<<20))
		n += k
		if err != nil {
			return n, err
		}
		if err := r.Close(); err != nil {
			return n, err
		}
	}
	return n, nil
}

// inflateTGZ does the same with a .tgz.
func inflateTGZ(path string) (n int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	g, err := gzip.NewReader(f)
	if err != nil {
		return 0, err
	}
	t := tar.NewReader(g)
	for {
		if _, err := t.Next(); err == io.EOF {
			return n, nil
		} else if err != nil {
			return n, err
		}
		k, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, t, make([]byte, 1<<20))
		n += k
		if err != nil {
			return n, err
		}
	}
}

// measureTree counts the bytes and the files of a file or folder.
func measureTree(path string) (size, files int64, err error) {
	err = filepath.WalkDir(path, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		size += info.Size()
		files++
		return nil
	})
	return size, files, err
}

// processor is the name of the processor and those of its flags that hashing and searching gain by, where Linux tells.
func processor() (name, flags string) {
	raw, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH, "not known"
	}
	name, flags = runtime.GOARCH, "none"
	for line := range strings.Lines(string(raw)) {
		key, value, _ := strings.Cut(line, ":")
		switch strings.TrimSpace(key) {
		case "model name":
			name = strings.TrimSpace(value)
		case "flags", "Features":
			var found []string
			for _, f := range strings.Fields(value) {
				if slices.Contains([]string{"sha_ni", "sha2", "avx2", "avx512bw", "bmi2", "asimd"}, f) {
					found = append(found, f)
				}
			}
			if len(found) > 0 {
				flags = strings.Join(found, " ")
			}
		}
	}
	return name, flags
}
