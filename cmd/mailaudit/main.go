// Command mailaudit tells from a mailbox whether an Amazon account was touched, which mails are fakes, which statements
// were missed, and what to do now. It reads only, and nothing leaves the machine.
//
// This folder is the command line: one file for each subcommand, and ui.go, the only place that prints. What a scan does
// is in analyzer, how a report looks in report.
package main

import (
	"os"
	"time"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// system is what the outside world gives a run; tests give something else.
type system struct {
	getenv func(string) string
	now    func() time.Time
	leave  func(code int)             // ends the process at once: a second Ctrl-C
	self   string                     // the program's own file, to run itself as a child; "" where that is not to be
	person bool                       // a person sits before a terminal and can be asked
	desk   bool                       // started from a desktop, by a double click or with files dropped on it
	browse func(address string) error // shows an address in the person's browser
}
