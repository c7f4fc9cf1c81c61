package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mailaudit/mailaudit/analyzer/evidence"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit"
	"github.com/mailaudit/mailaudit/analyzer/mailbox"
	"github.com/mailaudit/mailaudit/analyzer/mailbox/block"
	"github.com/mailaudit/mailaudit/report/view"
)

func (p *program) verifyCommand() *cobra.Command {
	var sources []string
	cmd := &cobra.Command{
		Use:   "verify [flags] REPORT_DIR",
		Short: p.ui.tr("re-hash the evidence and compare", "証拠のハッシュ値を計算し直して照合する"),
		Long: p.ui.tr(
			`Read the mail again, compute the SHA-256 of every source and of every reported
message at its place, and compare with manifest.json and findings.jsonl; compute
that of every report as well. The exit code is 0 when all is as it was, and 1 when
something changed.`,
			`メールをもう一度読み、各ソースと、報告された各メール（元の位置にあるもの）の
SHA-256を計算して、manifest.json と findings.jsonl の値と照合します。レポートも照合します。
すべて元のままなら終了コード 0、変わったものがあれば 1 です。`),
		Example: `  mailaudit verify mailaudit-report
  mailaudit verify --source /mnt/evidence/haruka.mbox mailaudit-report`,
		Args: p.exactly(1, "REPORT_DIR"),
		RunE: func(cmd *cobra.Command, args []string) error { return p.verify(cmd, args[0], sources) },
	}
	cmd.Flags().StringArrayVar(&sources, "source", nil, p.ui.tr("the mail lies at `PATH` now; once for each source, in the order of the scan", "メールの現在の場所 `PATH`。スキャン時の順に、ソースの数だけ指定する"))
	return cmd
}

// check collects what differs.
type check struct {
	p        *program
	changed  int
	messages map[string]*reportedMessage // of the stream, by their place
	masked   map[string]*reportedMessage // those whose folders or files are masked, by what is known of their place
	unread   map[int]bool                // sources that could not be read again
}

func (c *check) same(name, detail string) {
	c.p.ui.result(c.p.ui.tr("same     %s  %s", "一致     %s  %s"), name, detail)
}

func (c *check) differs(name, detail string) {
	c.changed++
	c.p.ui.result(c.p.ui.tr("CHANGED  %s  %s", "相違あり %s  %s"), name, detail)
}

// verify compares a report folder and its mail with what the manifest and the stream say of them.
func (p *program) verify(cmd *cobra.Command, dir string, moved []string) error {
	m, err := p.scanned(cmd, dir, p.ui.tr("name the output folder of a scan", "スキャンの出力先フォルダーを指定してください"), moved)
	if err != nil {
		return err
	}
	c := &check{p: p, unread: map[int]bool{}}
	for _, f := range m.Files {
		c.written(dir, f)
	}
	if err = c.reported(filepath.Join(dir, "findings.jsonl")); err != nil {
		return err
	}
	for i, s := range m.Sources {
		path := evidence.UnescapeName(s.Path)
		if len(moved) > 0 {
			path = moved[i]
		}
		if err := c.source(cmd.Context(), dir, i, path, s); err != nil {
			return err
		}
	}
	for _, s := range m.Beside {
		c.beside(s)
	}
	c.places()
	if c.changed > 0 {
		p.ui.result(p.ui.trN(int64(c.changed), "%d thing is not as it was", "%d things are not as they were", "元と異なるものが %d 件あります"), c.changed)
		p.code = exitAttention
	}
	return nil
}

// written compares one file of the report folder.
func (c *check) written(dir string, f evidence.Written) {
	got, err := digestOf(filepath.Join(dir, filepath.Base(f.Name)))
	switch {
	case errors.Is(err, os.ErrNotExist):
		c.differs(f.Name, c.p.ui.tr("is gone", "見つかりません"))
	case err != nil:
		c.differs(f.Name, err.Error())
	case got != f.SHA256:
		c.differs(f.Name, fmt.Sprintf("SHA-256 %s -> %s", f.SHA256, got))
	default:
		c.same(f.Name, "")
	}
}

// beside compares a file of Amazon's records or a card statement.
func (c *check) beside(s evidence.Original) {
	if s.Path == "" {
		return // masked
	}
	name := view.Safe(s.Name)
	switch got, err := digestOf(evidence.UnescapeName(s.Path)); {
	case errors.Is(err, os.ErrNotExist):
		c.differs(name, c.p.ui.tr("is gone", "見つかりません"))
	case err != nil:
		c.differs(name, err.Error())
	case got != s.SHA256:
		c.differs(name, fmt.Sprintf("SHA-256 %s -> %s", s.SHA256, got))
	default:
		c.same(name, "")
	}
}

// reportedMessage is what the stream says of one message, and what was found at its place.
type reportedMessage struct {
	id, place string
	source    int
	want, got evidence.Digest
}

// reported lists the messages of the stream by their place.
func (c *check) reported(path string) error {
	p := c.p
	c.messages, c.masked = map[string]*reportedMessage{}, map[string]*reportedMessage{}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		p.ui.say(p.ui.tr("there is no findings.jsonl: only sources and reports are compared", "findings.jsonl がないため、ソースとレポートだけを照合します"))
		return nil
	}
	file, done, err := p.openFindings(path)
	if err != nil {
		return err
	}
	defer done()
	return file.Messages(func(_ int, m *finding.Message) error {
		r := &reportedMessage{id: m.ID, place: m.Location.String(), source: m.Location.Source, want: m.SHA256}
		c.messages[placeKey(m.Location)] = r
		if view.HasMaskedName(m.Location.Path) {
			c.masked[maskedKey(m.Location, m.SHA256)] = r
		}
		return nil
	})
}

// maskedKey is what a masked place and the true one have in common: all but the names.
func maskedKey(l evidence.Location, digest evidence.Digest) string {
	return fmt.Sprintf("%d %d %d %d %s", l.Source, len(l.Path), l.Offset, l.Length, digest)
}

func placeKey(l evidence.Location) string {
	return fmt.Sprintf("%d\x00%s\x00%d\x00%d", l.Source, strings.Join(l.Path, "\x00"), l.Offset, l.Length)
}

// source reads one source again.
func (c *check) source(ctx context.Context, dir string, index int, path string, s evidence.Original) error {
	u := c.p.ui
	if path == "" {
		c.unread[index] = true
		c.differs(s.Name, u.tr("the manifest does not say where it is; name it with --source", "manifest.json に場所の記録がありません。--source で指定してください"))
		return nil
	}
	info, err := os.Stat(path)
	if err != nil {
		c.unread[index] = true
		c.differs(s.Name, fmt.Sprintf(u.tr("cannot be read at %s; name its new place with --source", "%s にありません。現在の場所を --source で指定してください"), path))
		return nil
	}
	src, err := mailbox.Open(path, index)
	if err != nil {
		c.unread[index] = true
		c.differs(s.Name, err.Error())
		return nil
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("finding the report folder: %w", err)
	}
	again := rereader{messages: c.messages, masked: c.masked}
	if !info.IsDir() {
		again.name = s.Name
	}
	count, err := mailbox.Walk(ctx, src, mailbox.Config{Limits: limit.Default(), NewHash: sha256.New, Exclude: []string{abs}, Now: c.p.now}, again)
	switch {
	case err != nil:
		return fmt.Errorf("reading %s again: %w", s.Name, err)
	case count.SHA256 != s.SHA256:
		c.differs(s.Name, fmt.Sprintf("SHA-256 %s -> %s", s.SHA256, count.SHA256))
	default:
		c.same(s.Name, bytesOf(count.Size))
	}
	return nil
}

// places tells of the reported messages. Those of a source that could not be read are told of with their source.
func (c *check) places() {
	u := c.p.ui
	same := 0
	for _, m := range sorted(c.messages) {
		switch {
		case c.unread[m.source]:
		case m.got.IsZero():
			c.differs(m.id, fmt.Sprintf(u.tr("is no longer at %s", "%s にありません"), m.place))
		case m.got != m.want:
			c.differs(m.id, fmt.Sprintf("%s  SHA-256 %s -> %s", m.place, m.want, m.got))
		default:
			same++
		}
	}
	u.result(u.tr("%d of %d reported messages are the same at their place", "報告された %[2]d 通のうち %[1]d 通が、元の位置で一致しました"), same, len(c.messages))
}

// sorted lists reported messages by their place.
func sorted(list map[string]*reportedMessage) []*reportedMessage {
	return slices.SortedFunc(maps.Values(list), func(a, b *reportedMessage) int { return strings.Compare(a.place, b.place) })
}

// rereader is a mailbox.Sink that hashes the messages it was told of and passes over the rest.
type rereader struct {
	messages map[string]*reportedMessage
	masked   map[string]*reportedMessage
	name     string // of a source that is a file, as the scan knew it: it may have another name now
}

func (rereader) Take(_ context.Context, n int) (*block.Block, error) { return block.New(n), nil }
func (rereader) Mailbox(*mailbox.Mailbox) error                      { return nil }
func (rereader) Problem(finding.Problem) error                       { return nil }
func (rereader) Skipped(finding.Skipped) error                       { return nil }
func (rereader) Progress(int64)                                      {}

func (r rereader) Batch(b mailbox.Batch) error {
	for i := range b.Extents {
		e := &b.Extents[i]
		at := e.Location
		if r.name != "" && len(at.Path) > 0 {
			at.Path = append([]string{r.name}, at.Path[1:]...)
		}
		m := r.messages[placeKey(at)]
		if m == nil && len(r.masked) == 0 {
			continue
		}
		got := e.SHA256
		if got.IsZero() {
			got = evidence.Sum(e.Data)
		}
		if m == nil {
			m = r.masked[maskedKey(at, got)]
		}
		if m != nil {
			m.got = got
		}
	}
	return nil
}
