package main

import (
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// nightly is a scan --new that is run by a scheduler.
type nightly struct {
	args         []string // the program and its arguments
	hour, minute int
	log          string // for schedulers that keep no output
	ui           *ui
}

func (p *program) scheduleCommand() *cobra.Command {
	var f struct{ at, unit, state, failOn, notify, output string }
	cmd := &cobra.Command{
		Use:   "schedule [flags] cron|systemd|launchd|windows PATH...",
		Short: p.ui.tr("print a schedule (cron, systemd, launchd, windows) for a nightly run", "scan --new を毎晩実行する設定を表示する"),
		Long: p.ui.tr(
			`Print a crontab line, systemd units, a launchd job, or a task for the Windows Task
Scheduler that runs scan --new over PATH every night. Nothing is installed: look at
it, then put it where it belongs.`,
			`scan --new を毎晩実行する crontab の行、systemd のユニット、launchd のジョブ、
Windows のタスク スケジューラ用のタスクを表示します。設定は行いません。内容を
確かめてから、所定の場所に置いてください。`),
		Example: `  (crontab -l; mailaudit schedule cron ~/Mail) | crontab -
  mailaudit schedule systemd --unit service ~/Mail > ~/.config/systemd/user/mailaudit.service
  mailaudit schedule systemd --unit timer ~/Mail > ~/.config/systemd/user/mailaudit.timer
  mailaudit schedule launchd ~/Mail > ~/Library/LaunchAgents/mailaudit.plist
  mailaudit schedule windows -o C:\Reports C:\Mail > mailaudit.xml
  schtasks /Create /TN mailaudit /XML mailaudit.xml`,
		Args: p.scheduleArgs, ValidArgs: []string{"cron", "systemd", "launchd", "windows"},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := p.checkLang(cmd); err != nil {
				return err
			}
			// A name that is mistyped here would be a mailbox that never comes, and quiet for ever.
			if err := p.checkPaths(args[1:]); err != nil {
				return err
			}
			if _, err := p.failOn(cmd, f.failOn); err != nil {
				return err
			}
			if err := p.checkNotify(cmd, f.notify, time.Minute); err != nil {
				return err
			}
			at, err := time.Parse("15:04", f.at)
			if err != nil {
				return p.usage(cmd, fmt.Sprintf(p.ui.tr("--at is a time such as 04:30, not %q", "--at は 04:30 のように指定してください（%q は使えません）"), f.at))
			}
			n := nightly{hour: at.Hour(), minute: at.Minute(), ui: p.ui}
			if n.args, n.log, err = p.nightlyArgs(args[1:], f.state, f.failOn, f.notify, f.output); err != nil {
				return err
			}
			for _, a := range n.args {
				if strings.IndexFunc(a, unicode.IsControl) >= 0 {
					return p.usage(cmd, fmt.Sprintf(p.ui.tr("%q holds control characters, which no scheduler takes", "%q には制御文字が含まれており、設定に書けません"), a))
				}
			}
			return n.print(p, cmd, args[0], f.unit)
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().StringVar(&f.at, "at", "04:30", p.ui.tr("every day at `TIME`", "毎日の実行時刻 `TIME`"))
	cmd.Flags().StringVar(&f.unit, "unit", "", p.ui.tr("print only the systemd `UNIT`: service or timer", "systemd のうち `UNIT`（service または timer）だけを表示する"))
	cmd.Flags().StringVar(&f.failOn, "fail-on", "high", p.ui.tr("tell from this `LEVEL` on", "この重大度 `LEVEL` 以上を知らせる"))
	cmd.Flags().StringVar(&f.notify, "notify-cmd", "", p.ui.tr("run `CMD` with what is new as JSON on its standard input", "新しいものを JSON で標準入力に渡して `CMD` を実行する"))
	cmd.Flags().StringVarP(&f.output, "output", "o", "", p.ui.tr("write reports of the whole into folder `DIR`", "全体のレポートをフォルダー `DIR` に書き込む"))
	p.addStateFlag(cmd, &f.state)
	return cmd
}

// scheduleArgs wants a scheduler that is known, and a path.
func (p *program) scheduleArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return p.usage(cmd, p.ui.tr("the scheduler is missing: cron, systemd, launchd or windows", "cron, systemd, launchd, windows のいずれかを指定してください"))
	}
	if !slices.Contains(cmd.ValidArgs, args[0]) {
		return p.usage(cmd, fmt.Sprintf(p.ui.tr("there are cron, systemd, launchd and windows, not %q", "指定できるのは cron, systemd, launchd, windows です（%q は使えません）"), args[0]))
	}
	if len(args) == 1 {
		example := "~/Mail"
		if args[0] == "windows" {
			example = `C:\Mail`
		}
		return &failure{exitUsage, p.ui.tr("PATH is missing", "PATH が指定されていません"), fmt.Sprintf(p.ui.tr("for example: mailaudit schedule %s %s", "例: mailaudit schedule %s %s"), args[0], example), nil}
	}
	return nil
}

// nightlyArgs is the command line of the run. Everything is absolute and written out: schedulers have another working
// folder, another locale and other variables than the shell this is typed in.
func (p *program) nightlyArgs(paths []string, statePath, failOn, notify, output string) (args []string, log string, err error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, "", fmt.Errorf("finding this program: %w", err)
	}
	file, err := p.statePath(statePath)
	if err != nil {
		return nil, "", err
	}
	args = []string{exe, "scan", "--new", "--lang", string(p.ui.lang), "--state", file}
	if failOn != string(finding.High) {
		args = append(args, "--fail-on", failOn)
	}
	if notify != "" {
		args = append(args, "--notify-cmd", notify)
	}
	if output != "" {
		abs, err := filepath.Abs(output)
		if err != nil {
			return nil, "", err
		}
		args = append(args, "--output", abs)
	}
	for _, path := range paths {
		abs, err := filepath.Abs(path)
		if err != nil {
			return nil, "", err
		}
		args = append(args, abs)
	}
	return args, filepath.Join(filepath.Dir(file), "mailaudit.log"), nil
}

// print prints the kind that was asked for.
func (n nightly) print(p *program, cmd *cobra.Command, kind, unit string) error {
	switch {
	case unit != "" && (kind != "systemd" || unit != "service" && unit != "timer"):
		return p.usage(cmd, p.ui.tr("--unit is service or timer, and for systemd", "--unit は systemd の service か timer です"))
	case kind == "cron":
		n.lines(n.cron())
	case kind == "systemd":
		if unit == "" {
			n.lines("# ~/.config/systemd/user/mailaudit.service")
		}
		if unit != "timer" {
			n.lines(n.service())
		}
		if unit == "" {
			n.lines("\n# ~/.config/systemd/user/mailaudit.timer")
		}
		if unit != "service" {
			n.lines(n.timer())
		}
		if unit == "" {
			n.lines("\n# systemctl --user daemon-reload && systemctl --user enable --now mailaudit.timer")
		}
	case kind == "launchd":
		if home := p.getenv("HOME"); filepath.IsAbs(home) {
			// launchd opens the file before the program runs, so its folder must be there.
			n.log = filepath.Join(home, "Library", "Logs", "mailaudit.log")
		}
		n.lines(n.launchd())
	case kind == "windows":
		n.lines(n.task())
	}
	return nil
}

func (n nightly) lines(text string) {
	for line := range strings.Lines(text) {
		n.ui.result("%s", strings.TrimRight(line, "\n"))
	}
}

// cron is a line of crontab(5), behind one that says in which character set the mail is that cron sends: some take that
// of their own locale otherwise. cron runs the line by sh and takes "%" for the end of it.
func (n nightly) cron() string {
	var words []string
	for _, a := range n.args {
		words = append(words, shellQuote(a))
	}
	return fmt.Sprintf("CONTENT_TYPE=\"text/plain; charset=UTF-8\"\n%d %d * * * %s\n", n.minute, n.hour, strings.ReplaceAll(strings.Join(words, " "), "%", `\%`))
}

// shellQuote writes a word as sh(1) reads it.
func shellQuote(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// service is a unit of systemd.service(5).
func (n nightly) service() string {
	var words []string
	for _, a := range n.args {
		words = append(words, unitQuote(a))
	}
	return `[Unit]
Description=mailaudit: what is new in the mail

[Service]
Type=oneshot
# Exit code 1 means that something new needs you: the unit counts as failed then, and OnFailure= can tell you.
ExecStart=` + strings.Join(words, " ") + `
Nice=10
IOSchedulingClass=idle
UMask=0077
NoNewPrivileges=yes
`
}

// unitQuote writes a word as systemd reads it: "%" begins a specifier and "$" a variable.
func unitQuote(s string) string {
	s = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "%", "%%", "$", "$$").Replace(s)
	return `"` + s + `"`
}

func (n nightly) timer() string {
	return fmt.Sprintf(`[Unit]
Description=mailaudit, every night

[Timer]
OnCalendar=*-*-* %02d:%02d:00
RandomizedDelaySec=10m
Persistent=true

[Install]
WantedBy=timers.target
`, n.hour, n.minute)
}

// launchd is a job of launchd.plist(5).
func (n nightly) launchd() string {
	var b strings.Builder
	for _, a := range n.args {
		b.WriteString("\t\t<string>" + xmlText(a) + "</string>\n")
	}
	return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>Label</key>
	<string>mailaudit</string>
	<key>ProgramArguments</key>
	<array>
` + b.String() + `	</array>
	<key>StartCalendarInterval</key>
	<dict>
		<key>Hour</key>
		<integer>` + fmt.Sprint(n.hour) + `</integer>
		<key>Minute</key>
		<integer>` + fmt.Sprint(n.minute) + `</integer>
	</dict>
	<key>ProcessType</key>
	<string>Background</string>
	<key>LowPriorityIO</key>
	<true/>
	<key>StandardOutPath</key>
	<string>` + xmlText(n.log) + `</string>
	<key>StandardErrorPath</key>
	<string>` + xmlText(n.log) + `</string>
</dict>
</plist>
`
}

// task is a task of the Windows Task Scheduler 2.0 ([MS-TSCH] §2.5), for schtasks /Create /XML. It runs as the user who
// makes it and while he is logged on, so that no password is stored; a night that was missed is made up for. The scheduler
// keeps no output, so cmd.exe appends it to a file, whose folder may not be there before the first run. The text is ASCII, with
// references for other characters (XML 1.0 §4.1): PowerShell's ">" writes UTF-16 and reads what it redirects in the code page
// of the console.
func (n nightly) task() string {
	var words []string
	for _, a := range n.args {
		words = append(words, windowsQuote(a))
	}
	// cmd.exe takes off the outer quotes and leaves the rest as it is; a "%" has no escape there.
	dir := windowsQuote(n.log[:max(strings.LastIndexAny(n.log, `/\`), 0)])
	run := `/d /s /c "(if not exist ` + dir + ` mkdir ` + dir + `) & ` + strings.Join(words, " ") + ` >> ` + windowsQuote(n.log) + ` 2>&1"`
	return `<?xml version="1.0"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>mailaudit: what is new in the mail</Description>
  </RegistrationInfo>
  <Triggers>
    <CalendarTrigger>
      <StartBoundary>2026-01-01T` + fmt.Sprintf("%02d:%02d", n.hour, n.minute) + `:00</StartBoundary>
      <ScheduleByDay>
        <DaysInterval>1</DaysInterval>
      </ScheduleByDay>
    </CalendarTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <Priority>8</Priority>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>cmd.exe</Command>
      <Arguments>` + asciiXML(run) + `</Arguments>
    </Exec>
  </Actions>
</Task>
`
}

// windowsQuote writes a word as the C runtime's and Go's own splitting of a command line reads it: a backslash before a
// quote is doubled. Quoted words keep what cmd.exe would take for an operator.
func windowsQuote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	slashes := 0
	for _, r := range s {
		switch r {
		case '\\':
			slashes++
			continue
		case '"':
			b.WriteString(strings.Repeat(`\`, 2*slashes+1))
		default:
			b.WriteString(strings.Repeat(`\`, slashes))
		}
		slashes = 0
		b.WriteRune(r)
	}
	b.WriteString(strings.Repeat(`\`, 2*slashes))
	b.WriteByte('"')
	return b.String()
}

// asciiXML writes text with references for what is not ASCII.
func asciiXML(s string) string {
	var b strings.Builder
	for _, r := range xmlText(s) {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
		} else {
			b.WriteString(fmt.Sprintf("&#x%X;", r))
		}
	}
	return b.String()
}

func xmlText(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder takes everything
	return b.String()
}
