// Package cache remembers what was extracted of each file of mail, so that the next scan extracts only what is new.
//
// It stands around the stage Extract. The walk of a source asks it which files it knows (it is the walk's mailbox.Knower);
// what the workers made of the others comes to it in source order (Take), is put into blocks of the state file, and is
// listed. What is known of a file goes into the same list in its place. Once all is read, Replay gives the spool, and
// AddTally the tally, that extracting all mail would have given, and every later stage works as in any other scan. Where
// nothing changed (Unchanged) neither is needed: Lookup finds the single fact that is asked for.
//
// The parts of the state file:
//
//   - a unit is one file of a source: what it is known by, and the parts that were extracted of it;
//   - a part is a run of facts and problems of one unit, with their tally;
//   - a block is some megabytes of parts, compressed together; a table of units belongs to each source.
//
// What is written goes behind the last commit. Save names it in the root of the state, and the caller commits; whatever
// ends a scan before that, the state is as it was.
package cache

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"

	"github.com/mailaudit/mailaudit/analyzer/fact"
	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/mailbox"
	"github.com/mailaudit/mailaudit/analyzer/state"
)

// Cache is the facts of earlier scans and of this one. But for what the sinks of sources do, it is used by one goroutine
// at a time.
type Cache struct {
	// Failed is why nothing can be saved of this scan, nil where it can.
	Failed error

	store   *state.Store // as the earlier scans left it
	blocks  *state.Store // takes new blocks: store, or a scratch file where that can't be written
	dir     string       // for the scratch file
	key     string
	sources []*source

	// What Take is gathering.
	current *source
	builder *state.Builder
	open    openPart
}

// source is one source of the scan.
type source struct {
	index  int
	path   string                 // absolute
	known  map[string]*state.Unit // as the last scan left them, by name
	files  []file                 // as walked now
	dirty  bool                   // the table has to be written again
	blocks []storedBlock          // those of the earlier scans (old of them), then the new ones
	old    int
	list   []listed // what the spool is made from, in order

	extracted map[*mailbox.Unit]*extracted // of the files that were read now
	pending   []Known                      // by the walk, not yet handed on
}

// file is a file that was walked: one that was read, or one that is known and was passed over.
type file struct {
	read  *mailbox.Unit
	known *state.Unit
}

// extracted is what is gathered of a file that is read.
type extracted struct {
	parts  []state.Part
	before int // how many of these lie before the checkpoint
	marked bool
	heads  []mailbox.Head
}

// storedBlock is a block and where it is stored.
type storedBlock struct {
	state.Block
	in *state.Store
}

// listed is what comes next on the spool: a part of a block, or problems that belong to no file.
type listed struct {
	part            *state.Part // nil for problems
	source, mailbox int32       // what its facts are to be numbered with now
	loose           []finding.Problem
}

// New returns a cache over a state file. key names everything but the mail that facts depend on: what was extracted under
// another one is not known. Where the state can't be written, a scratch file in dir takes what is new.
func New(store *state.Store, key, dir string, sources int) *Cache {
	return &Cache{store: store, blocks: store, dir: dir, key: key, sources: make([]*source, sources)}
}

// Close gives up the scratch file.
func (c *Cache) Close() error {
	if c.blocks != c.store {
		return c.blocks.Close()
	}
	return nil
}

// begin begins a source.
func (c *Cache) begin(i int, path string) (*source, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("finding %s: %w", path, err)
	}
	src := &source{index: i, path: abs, known: make(map[string]*state.Unit), extracted: make(map[*mailbox.Unit]*extracted)}
	c.sources[i] = src
	old := c.store.Root.Sources[abs]
	if old == nil || old.Key != c.key {
		src.dirty = true
		return src, nil
	}
	units, err := c.units(old)
	if err != nil {
		// A cache that can't be read is no cache: the mail is read again.
		c.store.Notes = append(c.store.Notes, state.Note{Kind: "damaged", Err: err})
		src.dirty = true
		return src, nil
	}
	for _, b := range old.Blocks {
		src.blocks = append(src.blocks, storedBlock{b, c.store})
	}
	src.old = len(src.blocks)
	for _, u := range units {
		src.known[u.Name] = u
	}
	return src, nil
}

// units reads the table of a source and checks that what it names is there.
func (c *Cache) units(old *state.Source) ([]*state.Unit, error) {
	raw, err := c.store.Section(old.Table)
	if err != nil {
		return nil, err
	}
	units, err := state.DecodeUnits(raw)
	if err != nil {
		return nil, err
	}
	for _, u := range units {
		for _, p := range u.Parts {
			if p.Block < 0 || int(p.Block) >= len(old.Blocks) || p.Index < 0 || p.Index >= old.Blocks[p.Block].Parts {
				return nil, state.ErrDamaged
			}
		}
	}
	return units, nil
}

// Unchanged reports whether every source is as the last scan left it.
func (c *Cache) Unchanged() bool {
	for _, src := range c.sources {
		if src == nil || src.dirty || len(src.files) != len(src.known) {
			return false
		}
	}
	return true
}

// Forget drops what is known of the sources: it turned out to be damaged.
func (c *Cache) Forget(why error) {
	for _, src := range c.sources {
		if src != nil {
			delete(c.store.Root.Sources, src.path)
		}
	}
	c.store.Notes = append(c.store.Notes, state.Note{Kind: "damaged", Err: why})
}

// Paths are the absolute paths of the sources.
func (c *Cache) Paths() (list []string) {
	for _, src := range c.sources {
		if src != nil {
			list = append(list, src.path)
		}
	}
	return list
}

// Scope names the set of sources.
func (c *Cache) Scope() string {
	h := sha256.New()
	for _, path := range c.Paths() {
		fmt.Fprintf(h, "%q\n", path)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Tables is a digest of the key and the tables of the sources as they are stored: what the positions of facts count by.
func (c *Cache) Tables() string {
	h := sha256.New()
	fmt.Fprintln(h, c.key)
	for _, src := range c.sources {
		if old := c.store.Root.Sources[src.path]; old != nil {
			fmt.Fprintf(h, "source %d %q %s\n", src.index, src.path, old.Digest)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Loose is a digest of the problems that belong to no file.
func (c *Cache) Loose() string {
	h := sha256.New()
	for _, src := range c.sources {
		for i := range src.list {
			for _, p := range src.list[i].loose {
				fmt.Fprintf(h, "%d %+v\n", i, p)
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// fact decodes an item with the numbers that source and mailbox have now.
func (l *listed) fact(it state.Item) (*fact.Fact, error) {
	f, err := fact.Decode(it.Raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", state.ErrDamaged, err)
	}
	f.Key.Source, f.Location.Source = int(l.source), int(l.source)
	f.Key.Mailbox += int(l.mailbox - l.part.Mailbox)
	return f, nil
}
