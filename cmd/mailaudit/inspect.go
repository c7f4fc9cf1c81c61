package main

import (
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/mailaudit/mailaudit/analyzer/message/attachment"
	"github.com/mailaudit/mailaudit/analyzer/message/attachment/inspect"
)

// inspectName is the subcommand by which mailaudit runs itself to look into pictures and PDF.
const inspectName = "inspect"

// inspectMemory is where the child's memory is brought down to: a picture at the limit takes 80 MB decoded, and some
// copies of it smaller.
const inspectMemory = "384MiB"

// inspectCommand is the child of package inspect: files on stdin, what is in them on stdout.
func (p *program) inspectCommand() *cobra.Command {
	return &cobra.Command{
		Use: inspectName, Hidden: true, Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			// A Ctrl-C at a terminal reaches children too; it is the parent's to say when to end, by closing stdin.
			signal.Ignore(os.Interrupt, syscall.SIGTERM)
			return inspect.Serve(p.stdin, p.ui.out)
		},
	}
}

// inspector looks into pictures and PDF: in children where the program knows its own file, else in this process.
func (p *program) inspector() attachment.Inspector {
	if p.self == "" {
		return nil
	}
	if p.children == nil {
		p.children = inspect.NewPool(func() *exec.Cmd {
			cmd := exec.Command(p.self, inspectName)
			cmd.Env = append(os.Environ(), "GOMEMLIMIT="+inspectMemory, "GOMAXPROCS=1")
			return cmd
		}, 0)
	}
	return p.children.Inspect
}
