package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// manCommand writes the manual pages, from the commands' own words. It is for whoever makes packages, and is not shown.
func (p *program) manCommand() *cobra.Command {
	return &cobra.Command{
		Use: "man DIR", Hidden: true, Args: p.exactly(1, "DIR"),
		Short: p.ui.tr("write manual pages to DIR", "マニュアルページを DIR に書き出す"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return fmt.Errorf("making the folder of the manual pages: %w", err)
			}
			return p.manPages(cmd.Root(), args[0])
		},
	}
}

// manPages writes the page of a command and those of its subcommands: mailaudit.1, mailaudit-scan.1.
func (p *program) manPages(cmd *cobra.Command, dir string) error {
	if cmd.Hidden || cmd.Name() == "help" {
		return nil
	}
	cmd.InitDefaultHelpFlag()
	name := strings.ReplaceAll(cmd.CommandPath(), " ", "-")
	if err := os.WriteFile(filepath.Join(dir, name+".1"), []byte(p.manPage(cmd, name)), 0o644); err != nil {
		return fmt.Errorf("writing a manual page: %w", err)
	}
	for _, sub := range cmd.Commands() {
		if err := p.manPages(sub, dir); err != nil {
			return err
		}
	}
	return nil
}

// manPage is the page of a command in the language of man(7).
func (p *program) manPage(cmd *cobra.Command, name string) string {
	var b strings.Builder
	put := func(format string, args ...any) { b.WriteString(fmt.Sprintf(format, args...)) }
	section := func(en, ja string) { put(".SH %s\n", p.ui.tr(en, ja)) }
	put(".TH %q 1 \"\" \"mailaudit %s\" %q\n", strings.ToUpper(name), version, p.ui.tr("User Commands", "ユーザーコマンド"))
	section("NAME", "名前")
	short := cmd.Short
	if short == "" {
		short = p.ui.tr("audit a mailbox for Amazon's notices, fakes and statements", "メールボックスにあるAmazonの通知・なりすまし・利用明細を調べる")
	}
	put("%s \\- %s\n", roff(name), roff(short))
	section("SYNOPSIS", "書式")
	put(".B %s\n", roff(cmd.UseLine()))
	if cmd.Long != "" {
		section("DESCRIPTION", "説明")
		b.WriteString(roffText(cmd.Long))
	}
	flags := func(title, titleJA string, set *pflag.FlagSet) {
		if !set.HasAvailableFlags() {
			return
		}
		section(title, titleJA)
		set.VisitAll(func(f *pflag.Flag) {
			if f.Hidden {
				return
			}
			arg, usage := pflag.UnquoteUsage(f)
			b.WriteString(".TP\n")
			if f.Shorthand != "" {
				put("\\fB\\-%s\\fR, ", f.Shorthand)
			}
			put("\\fB\\-\\-%s\\fR", roff(f.Name))
			if arg != "" {
				put(" \\fI%s\\fR", roff(arg))
			}
			put("\n%s\n", roffLine(usage))
		})
	}
	flags("OPTIONS", "オプション", cmd.NonInheritedFlags())
	flags("OPTIONS OF ALL COMMANDS", "共通のオプション", cmd.InheritedFlags())
	if cmd.Example != "" {
		section("EXAMPLES", "例")
		b.WriteString(roffText(cmd.Example))
	}
	section("SEE ALSO", "関連項目")
	var see []string
	if cmd.HasParent() {
		see = append(see, strings.ReplaceAll(cmd.Parent().CommandPath(), " ", "-"))
	}
	for _, sub := range cmd.Commands() {
		if !sub.Hidden && sub.Name() != "help" {
			see = append(see, strings.ReplaceAll(sub.CommandPath(), " ", "-"))
		}
	}
	for i, s := range see {
		see[i] = fmt.Sprintf("\\fB%s\\fR(1)", roff(s))
	}
	b.WriteString(strings.Join(see, ", ") + "\n")
	return b.String()
}

// roff writes text so that it means nothing to the formatter.
func roff(s string) string { return strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s) }

// roffLine is a line of its own, which a dot or an apostrophe at its beginning does not make a request.
func roffLine(s string) string {
	s = roff(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}

// roffText writes paragraphs; lines that begin with blanks stand as they are.
func roffText(text string) string {
	var b strings.Builder
	plain := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n ")
		asIs := strings.HasPrefix(line, "  ")
		switch {
		case asIs != plain && asIs:
			b.WriteString(".nf\n")
		case asIs != plain && line != "":
			b.WriteString(".fi\n")
		}
		if line == "" {
			b.WriteString(".PP\n")
			continue
		}
		plain = asIs
		b.WriteString(roffLine(line) + "\n")
	}
	if plain {
		b.WriteString(".fi\n")
	}
	return b.String()
}
