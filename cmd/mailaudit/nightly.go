package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mailaudit/mailaudit/analyzer"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/state"
)

// newFlags are the flags of `scan --new` as typed.
type newFlags struct {
	on      bool
	state   string
	wait    bool
	json    bool
	notify  string
	timeout time.Duration
}

func (p *program) addNewFlags(cmd *cobra.Command, f *newFlags) {
	flags := cmd.Flags()
	flags.BoolVar(&f.on, "new", false, p.ui.tr("read and tell only what is new since the last run; nothing is printed when nothing is", "前回から増えたものだけを読み、知らせる。新しいものがなければ何も表示しない"))
	p.addStateFlag(cmd, &f.state)
	flags.BoolVar(&f.wait, "wait", false, p.ui.tr("with --new: wait for another run that is at work", "--new のとき: ほかの実行が終わるのを待つ"))
	flags.BoolVar(&f.json, "json", false, p.ui.tr("with --new: print what is new as JSON", "--new のとき: 新しいものを JSON で表示する"))
	flags.StringVar(&f.notify, "notify-cmd", "", p.ui.tr("with --new: run `CMD` with what is new as JSON on its standard input", "--new のとき: 新しいものを JSON で標準入力に渡して `CMD` を実行する"))
	flags.DurationVar(&f.timeout, "notify-timeout", time.Minute, p.ui.tr("end CMD after `TIME`", "CMD を `TIME` で打ち切る"))
}

// addStateFlag is shared by all commands that look at the state.
func (p *program) addStateFlag(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "state", "", p.ui.tr("keep what was seen in `FILE` (default: $XDG_STATE_HOME/mailaudit/state)", "読み取り済みの記録を `FILE` に保存する（省略時は $XDG_STATE_HOME/mailaudit/state）"))
}

// statePath is where the state is: as typed, or the default.
func (p *program) statePath(typed string) (string, error) {
	if typed != "" {
		return filepath.Abs(typed)
	}
	dir, err := state.Dir(p.getenv)
	if err != nil {
		return "", &failure{exitUsage, err.Error(), p.ui.tr("name the state file with --state FILE", "--state で記録ファイルを指定してください"), err}
	}
	return filepath.Join(dir, "state"), nil
}

// ackPath is where acknowledgements of a state are.
func ackPath(statePath string) string { return filepath.Join(filepath.Dir(statePath), state.AckName) }

// night is one run of `scan --new`.
type night struct {
	p      *program
	cmd    *cobra.Command
	f      scanFlags
	look   look
	failOn finding.Severity
	now    time.Time
	path   string // of the state
	store  *state.Store
	acks   *state.Acks
	result analyzer.Result
	news   map[string]state.News
	quiet  []state.Finding // of another version or other rules: to be remembered as told
	moved  []state.Ack     // acknowledgements of findings that have another id now
	away   []string        // paths from which mail was read before and where none is now
	// unwritten is why no reports are written though they were asked for.
	unwritten error
	told      []state.Finding // those of news, and those that --notify-cmd still has to hear of
}

// scanNew reads what is new, tells what is news, and only then notes that it did: a run that is ended in between tells it
// again, and says so.
func (p *program) scanNew(cmd *cobra.Command, f scanFlags, paths []string) (err error) {
	n := &night{p: p, cmd: cmd, f: f, now: p.now()}
	if n.failOn, err = p.failOn(cmd, f.failOn); err != nil {
		return err
	}
	if n.look, err = p.look(cmd, f.look); err != nil {
		return err
	}
	if err := p.checkNotify(cmd, f.new.notify, f.new.timeout); err != nil {
		return err
	}
	here, absent := withMail(paths)
	cfg, err := p.config(cmd, f.read, n.look, here)
	if err != nil {
		return err
	}
	ctx, stop := p.interruptible(cmd.Context())
	defer stop()
	release := func() error { return nil }
	if n.path, err = p.statePath(f.new.state); err != nil {
		n.path = filepath.Join(os.TempDir(), "mailaudit-nowhere", "state") // is never made
		err = n.openBare(state.Note{Kind: "nowhere", Err: err})
	} else if err = p.besideNoMail(n.path, paths); err == nil {
		release, err = n.open(ctx)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.store.Close(), release()) }()
	defer cores(cfg.Workers)()
	defer tuneMemory(p.getenv)()
	if ok, err := n.await(absent, &cfg); err != nil || !ok {
		return err
	}
	return n.run(ctx, cfg, paths)
}

// besideNoMail refuses to keep state where the mail is.
func (p *program) besideNoMail(path string, sources []string) error {
	for _, source := range sources {
		if inside(filepath.Dir(path), source) {
			return &failure{
				exitUsage, fmt.Sprintf(p.ui.tr("the state file %s is inside the mail source %s", "記録ファイル %s が、読み込むメール %s のある場所です"), path, source),
				p.ui.tr("nothing is written next to mail; choose another file with --state FILE", "メールのある場所には何も書き込みません。--state で別のファイルを指定してください"), nil,
			}
		}
	}
	return nil
}

// open takes the lock and opens the state and the acknowledgements.
func (n *night) open(ctx context.Context) (release func() error, err error) {
	u := n.p.ui
	release = func() error { return nil }
	// Whatever is wrong with the state, its folder or its disk: what is found is told all the same. The lock fails where
	// the folder does.
	if err := os.MkdirAll(filepath.Dir(n.path), 0o700); err != nil {
		return release, n.openBare(state.Note{Kind: "readonly", Err: err})
	}
	lock, err := state.Acquire(ctx, n.path, n.f.new.wait)
	readOnly := false
	switch {
	case errors.Is(err, state.ErrLocked):
		return nil, &failure{
			exitInternal, fmt.Sprintf(u.tr("another run is using %s; stopping", "記録 %s をほかの実行が使用中のため、終了します"), n.path),
			u.tr("--wait waits for it", "--wait を付けると、終わるまで待ちます"), err,
		}
	case err == nil:
		release = lock.Release
	case ctx.Err() != nil:
		return nil, &failure{exitInterrupted, u.tr("interrupted while waiting for another run", "ほかの実行を待っている間に中断しました"), "", err}
	default:
		readOnly = true // what can't be locked can't be written; Open says so
	}
	failed := err
	if n.store, err = state.Open(n.path, readOnly, n.now); err != nil {
		return release, n.openBare(state.Note{Kind: "readonly", Err: err})
	}
	if readOnly && len(n.store.Notes) == 0 {
		n.store.Notes = append(n.store.Notes, state.Note{Kind: "readonly", Err: failed})
	}
	if n.acks, err = state.LoadAcks(ackPath(n.path)); err != nil {
		n.p.ui.say(n.p.ui.tr("%s; no finding is marked as acknowledged", "%s。確認済みの印は付けません"), err)
		n.acks = new(state.Acks)
	}
	n.p.badAcks(n.acks, n.path)
	return release, nil
}

// openBare goes on without a state, which can't be used, as why says: nothing is remembered.
func (n *night) openBare(why state.Note) error {
	n.store, n.acks = state.None(n.path), new(state.Acks)
	n.store.Notes = append(n.store.Notes, why)
	return nil
}

// badAcks tells of lines of the file of acknowledgements that are not understood.
func (p *program) badAcks(acks *state.Acks, path string) {
	bad := acks.Bad()
	lines := make([]int, 0, len(bad))
	for line := range bad {
		lines = append(lines, line)
	}
	slices.Sort(lines)
	for _, line := range lines {
		p.ui.say(p.ui.tr("%s, line %d: %s", "%s の %d 行目: %s"), ackPath(path), line, bad[line])
	}
}

// settled is after what time nobody is still writing a message to a mailbox: a slow line gives a large one in some minutes.
const settled = 5 * time.Minute

// notes tells what happened to the state.
func (n *night) notes() {
	u := n.p.ui
	for _, note := range n.store.Notes {
		switch note.Kind {
		case "damaged":
			if note.Path == "" {
				u.say(u.tr("part of the state %s is damaged; that mail is read again (%s)", "記録 %s の一部が壊れています。そのメールは読み直します（%s）"), n.path, note.Err)
				continue
			}
			u.say(u.tr("the state was damaged and is set aside as %s; all mail is read again, and what is told may have been told before", "記録が壊れていたため、%s に退避しました。すべてのメールを読み直します。以前にお知らせした内容が含まれることがあります"), note.Path)
		case "version":
			if note.Path == "" {
				continue
			}
			u.say(u.tr("the state is not of this version and is set aside as %s; all mail is read again, and what is told may have been told before", "記録がこのバージョンのものではないため、%s に退避しました。すべてのメールを読み直します。以前にお知らせした内容が含まれることがあります"), note.Path)
		case "nowhere":
			u.say(u.tr("there is nowhere to remember what was told (%s): it will be told again; name a file with --state FILE", "記録の保存先がありません（%s）。今回お知らせする内容は、次回もお知らせします。--state で記録ファイルを指定してください"), note.Err)
		case "readonly":
			u.say(u.tr("the state %s cannot be written (%s): what is told now will be told again", "記録 %s に書き込めません（%s）。今回お知らせする内容は、次回もお知らせします"), n.path, note.Err)
		}
	}
	n.store.Notes = nil
}

// run scans and tells.
func (n *night) run(ctx context.Context, cfg analyzer.Config, paths []string) error {
	n.notes()
	if cfg.AsOf.IsZero() {
		cfg.AsOf = n.now
	}
	// Where part of the mail is away, what did not come may be there.
	cfg.State, cfg.Build, cfg.Acknowledged, cfg.Live = n.store, build(), n.acknowledged(), len(n.away) == 0
	cfg.Exclude = append(cfg.Exclude, filepath.Dir(n.path))
	cfg.Hold = settled
	var err error
	if cfg.KeysDigest, err = keysDigest(n.f.read.keys); err != nil {
		return err
	}
	var out *output
	if n.cmd.Flags().Changed("output") {
		if err := n.p.outsideMail(n.f.dir, paths); err != nil {
			return err
		}
		// Whatever is wrong with the folder, what is found is told; then it is said that there are no reports, and why.
		if out, n.unwritten = n.p.openOutput(n.f.dir, paths); n.unwritten == nil {
			defer out.close()
		}
	}
	stream, done, err := n.scan(ctx, cfg, out)
	defer done()
	n.notes()
	if err != nil {
		return err
	}
	if !n.result.Complete {
		// What is missing from half of the mail is not missing: nothing is concluded, nothing kept.
		n.p.ui.say(n.p.ui.tr("interrupted: nothing was told and nothing kept; the next run begins where the last whole one ended", "中断しました。お知らせも記録もしていません。次回は、前回完了したところから始めます"))
		n.p.code = exitInterrupted
		return nil
	}
	n.choose()
	return n.finish(out, stream)
}

// choose decides what is told.
func (n *night) choose() {
	var serious []state.Finding
	for _, f := range n.result.Findings {
		a := n.item(f.ID)
		if a != nil && a.Acknowledged == nil && a.Tells(n.failOn) {
			serious = append(serious, f)
		}
	}
	n.news = n.store.Root.News(serious, n.failOn.Level(), n.now)
	n.settle(serious)
	for _, f := range serious {
		if n.news[f.ID] != state.Nothing || slices.Contains(n.store.Root.Unsent, f.ID) {
			n.told = append(n.told, f)
		}
	}
}

// fresh are the findings that this run prints.
func (n *night) fresh() (list []state.Finding) {
	for _, f := range n.told {
		if n.news[f.ID] != state.Nothing {
			list = append(list, f)
		}
	}
	return list
}

// item is the attention item of a finding.
func (n *night) item(id string) *finding.Attention {
	id, _, _ = strings.Cut(id, "@")
	for i := range n.result.Attention {
		if n.result.Attention[i].ID == id {
			return &n.result.Attention[i]
		}
	}
	return nil
}

// finish tells: first the state learns what is going to be told, then it is told, and then the state learns that it was.
func (n *night) finish(out *output, stream *os.File) error {
	root := &n.store.Root
	before := root.Telling
	root.Telling = nil
	if len(n.news) > 0 {
		root.Telling = &state.Telling{At: n.now.UTC()}
		for _, f := range n.fresh() {
			root.Telling.IDs = append(root.Telling.IDs, f.ID)
		}
	}
	root.Remember(n.quiet, n.now)
	changed := root.Rules != n.rules()
	root.Rules = n.rules()
	// Before the state is one of this version: a run that is killed in between finds the old one, and carries over again.
	n.carryOver()
	if n.result.Changed || root.Telling != nil || before != nil || changed || len(n.quiet) > 0 {
		n.commit(n.result.Unkept)
	}
	digest, err := n.digest(n.fresh())
	if err != nil {
		return err
	}
	// What was found is told whatever becomes of the reports.
	var failed error
	reports := ""
	switch {
	case out != nil && stream != nil:
		if failed = n.reports(out, stream, digest); failed == nil {
			reports = n.f.dir
		}
	case out != nil:
		failed = errors.New(n.p.ui.tr("the reports were not written: there is no room in their folder", "出力先に空きがないため、レポートは作成していません"))
	default:
		failed = n.unwritten
	}
	if err := n.tell(digest, reports); err != nil {
		return errors.Join(err, failed)
	}
	unsent, tried := n.notify()
	if len(n.news) > 0 || !slices.Equal(unsent, root.Unsent) {
		root.Remember(n.fresh(), n.now)
		root.Telling, root.Unsent = nil, unsent
		n.commit(nil)
	}
	if err := n.store.Compact(); err != nil {
		n.p.ui.say("%s", err)
	}
	n.code(tried)
	if failed != nil && n.p.code == exitAttention {
		n.p.ui.say("%s", failed)
		return nil // the code says that something was told
	}
	return failed
}

// code sets the exit code.
func (n *night) code(unsent []string) {
	switch {
	case len(n.news) > 0:
		n.p.code = exitAttention
	case len(unsent) > 0:
		n.p.code = exitInternal
	case n.result.NewlyLost || len(n.away) > 0:
		n.p.code = exitLost
	}
}

// commit makes the state what it is to be, or says why it can't. The run goes on: what it has to tell is more important.
func (n *night) commit(failed error) {
	u := n.p.ui
	if failed == nil {
		failed = n.store.Commit()
	}
	if failed != nil && !errors.Is(failed, state.ErrReadOnly) {
		u.say(u.tr("the state could not be kept (%s): mail is read again next time, and what is told now may be told again", "記録を保存できませんでした（%s）。次回はメールを読み直し、今回の内容を再びお知らせすることがあります"), failed)
	}
}

// reports writes the reports of the whole, and new.json with what this run tells.
func (n *night) reports(out *output, stream *os.File, d *digest) error {
	file, err := openStream(stream)
	if err != nil {
		return err
	}
	failed := n.p.writeReports(n.cmd.Context(), out, file, stream, n.look)
	raw, err := d.json()
	if err != nil {
		return err
	}
	failed = errors.Join(failed, out.write(newsName, func(w io.Writer) error { _, err := w.Write(raw); return err }))
	return errors.Join(failed, out.finish(n.p.manifest(&n.result, n.f, n.now)))
}

// tell prints what is new, and makes sure that it is out before the state says that it was told. reports is the folder of
// this run's reports, "" for none.
func (n *night) tell(d *digest, reports string) error {
	if len(n.news) == 0 {
		if n.result.NewlyLost {
			places := n.p.ui.tr("%d places", "%d 件")
			if n.result.Summary.Lost == 1 {
				places = n.p.ui.tr("%d place", "%d 件")
			}
			n.p.ui.say(n.p.ui.tr("mail could not be read in %s; mailaudit scan names each", "読み取れないメールがありました（%s）。mailaudit scan で場所を確認できます"), fmt.Sprintf(places, n.result.Summary.Lost))
		}
		return nil
	}
	if n.f.quiet {
		return nil
	}
	raw := d.text(n.p.ui, reports)
	if n.f.new.json {
		var err error
		if raw, err = d.json(); err != nil {
			return err
		}
	}
	w := n.p.ui.resultWriter()
	if q, ok := w.(quiet); ok {
		w = q.w // a reader that went away has read nothing: it is told again
	}
	_, err := w.Write(raw)
	if f, ok := w.(*os.File); ok && err == nil {
		// Only a file is written later than it is written to: pipes and consoles know no sync, and systems differ in how they
		// say so.
		if info, serr := f.Stat(); serr == nil && info.Mode().IsRegular() {
			err = f.Sync()
		}
	}
	if err != nil {
		return fmt.Errorf("printing what is new: %w", err)
	}
	return nil
}

// build tells builds of one version apart.
func build() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	var b strings.Builder
	b.WriteString(info.GoVersion)
	for _, s := range info.Settings {
		if strings.HasPrefix(s.Key, "vcs") {
			b.WriteString(" " + s.Key + "=" + s.Value)
		}
	}
	if path, err := os.Executable(); err == nil {
		if st, err := os.Stat(path); err == nil {
			b.WriteString(fmt.Sprintf(" %d %d", st.Size(), st.ModTime().UnixNano()))
		}
	}
	return b.String()
}

// keysDigest is the SHA-256 of a file of keys, "" for none.
func keysDigest(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("reading the keys: %w", err)
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:]), nil
}
