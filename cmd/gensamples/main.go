// Command gensamples writes the samples: mailboxes that tell a story, for the tests, the demo and people who want to
// see what mailaudit does before they give it their own mail.
//
// Every byte is made here, from fixed times and a seeded generator, so that two runs write the same files and a change
// of a sample is a change of this program. All people, addresses, order numbers and shops are invented; hosts of fakes
// lie under names reserved by RFC 2606 and RFC 6761, client addresses of everybody but Amazon under RFC 5737. Amazon's
// own mail has the shape that receivers see (two DKIM signatures, the envelope, the relay names), signed with one key
// that belongs to the samples alone.
//
// Only inputs are written. What mailaudit makes of them stands beside them in expected.jsonl; `make samples` renews both.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run writes all scenarios below the folder given with -out. It returns 0, 1 on a failed write, 2 on wrong usage.
func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("gensamples", flag.ContinueOnError)
	flags.SetOutput(stderr)
	out := flags.String("out", "samples", "folder to write the scenarios into")
	shape := flags.String("bulk", "", "instead of the scenarios write one mailbox of bulk mail to the path given with -out: mixed, amazon, notices, maildir, mixeddir, zip, zip1, tgz, files or giant")
	size := flags.Int64("size", 1<<30, "bytes of bulk mail")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "gensamples: unexpected argument %q\n", flags.Arg(0))
		return 2
	}
	if *shape != "" {
		build, ok := bulkShapes[*shape]
		if !ok {
			fmt.Fprintf(stderr, "gensamples: no bulk mail of shape %q\n", *shape)
			return 2
		}
		if err := build(newBulk(), *size, *out); err != nil {
			fmt.Fprintf(stderr, "gensamples: %v\n", err)
			return 1
		}
		return 0
	}
	for _, s := range scenarios() {
		n, err := write(filepath.Join(*out, s.name, "input"), s.files())
		if err != nil {
			fmt.Fprintf(stderr, "gensamples: %s: %v\n", s.name, err)
			return 1
		}
		fmt.Fprintf(stdout, "%-12s %8d bytes\n", s.name, n)
	}
	if err := os.WriteFile(filepath.Join(*out, "dkim-keys.txt"), keyFile(), 0o644); err != nil {
		fmt.Fprintf(stderr, "gensamples: %v\n", err)
		return 1
	}
	return 0
}

// tree is a scenario's input: file contents by path below input/, with forward slashes.
type tree map[string][]byte

// scenario is one folder of samples/.
type scenario struct {
	name  string
	files func() tree
}

func scenarios() []scenario {
	return []scenario{
		{"takeover", takeover},
		{"takeout-ja", takeout},
		{"maildir", maildir},
		{"statements", statements},
		{"english", english},
		{"records", records},
		{"hostile", hostile},
	}
}

// write replaces the folder dir by the files of t and returns their size. Files that are no longer made are removed.
func write(dir string, t tree) (int64, error) {
	if err := os.RemoveAll(dir); err != nil {
		return 0, err
	}
	var n int64
	for _, name := range names(t) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return n, err
		}
		if err := os.WriteFile(path, t[name], 0o644); err != nil {
			return n, err
		}
		n += int64(len(t[name]))
	}
	return n, nil
}

func names(t tree) []string {
	list := make([]string, 0, len(t))
	for name := range t {
		list = append(list, name)
	}
	sort.Strings(list)
	return list
}
