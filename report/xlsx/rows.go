package xlsx

import (
	"context"
	"runtime"

	"github.com/xuri/excelize/v2"
	"golang.org/x/sync/errgroup"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/report/view"
)

// A list of messages is made in batches, by as many goroutines as there are cores: each reads the records of a batch, makes
// the rows of all sheets of them and packs them. The number of each row is known before, from the entries, and the batches
// are always the same, so that the bytes are too. One goroutine puts the batches on the spool, in order.

// rowBatch is how many messages a batch has: enough that a packed block is about as small as in one piece, few enough that
// the batches under way hold a few MiB.
const rowBatch = 256

// wrapRows is up to how many rows a sheet shows long texts in several lines: a program that opens a file measures each such
// cell, and a list of many is filtered, not read.
const wrapRows = 5000

// messageList is a sheet whose rows are made of messages.
type messageList struct {
	sheet *sheet
	// wrap tells write to show long texts in several lines: first whether the sheet wants it, then whether it gets it.
	wrap bool
	// rows is how many rows a message takes.
	rows func(view.Entry) int
	// write writes them, as many as rows says; number gives the row's number on its sheet.
	write func(w *rowWriter, c *messageCells, number func() int)

	spans []span // where the rows go
}

// messageCells are the cells of a message.
type messageCells struct {
	message *finding.Message
	cells   []cell // one for each of view.Columns
	reasons cell   // of an impersonation: the signals that show it
	arena   []byte // where their XML stands
	row     []cell // for the use of messageList.write
}

func (c *messageCells) add(v any) cell {
	from, ok := v.(excelize.Cell)
	if !ok {
		return cell{}
	}
	start := len(c.arena)
	c.arena = appendCell(c.arena, from.Value)
	text, _ := from.Value.(string)
	return cell{style: from.StyleID, text: text, xml: c.arena[start:len(c.arena):len(c.arena)]}
}

// batch is some messages, and what becomes of them.
type batch struct {
	messages []int32 // numbers
	first    []int   // of each list: how many of its rows come before
	lists    []listBatch
	done     chan error
}

// listBatch is the rows of a batch on one sheet.
type listBatch struct {
	text   rowWriter
	packed sliceWriter
	blocks []spanBlock
}

// spanBlock is a block and the span its rows belong to: a batch may go on in another part of the sheet.
type spanBlock struct {
	span int
	block
}

// fill makes the rows of lists and puts them on the spool.
func (b *book) fill(lists []*messageList) error {
	for _, l := range lists {
		n := 0
		for _, e := range b.Entries {
			n += l.rows(e)
		}
		l.wrap = l.wrap && n <= wrapRows
		var err error
		if l.spans, err = l.sheet.reserve(n); err != nil {
			return err
		}
	}
	workers := max(1, runtime.GOMAXPROCS(0))
	todo, inOrder, free := make(chan *batch), make(chan *batch, workers+2), make(chan *batch, workers+2)
	for range cap(free) {
		free <- &batch{first: make([]int, len(lists)), lists: make([]listBatch, len(lists)), done: make(chan error, 1)}
	}
	g, ctx := errgroup.WithContext(b.ctx)
	g.Go(func() error {
		defer close(todo)
		defer close(inOrder)
		return b.plan(ctx, lists, free, todo, inOrder)
	})
	for range workers {
		g.Go(func() error {
			w, err := b.newRowMaker(lists)
			if err != nil {
				return err
			}
			for t := range todo {
				t.done <- w.make(t)
			}
			return nil
		})
	}
	g.Go(func() error {
		for t := range inOrder {
			select {
			case err := <-t.done:
				if err != nil {
					return err
				}
			case <-ctx.Done():
				return ctx.Err()
			}
			for i, l := range lists {
				for _, s := range t.lists[i].blocks {
					if err := b.spool.add(l.spans[s.span].rows, s.block); err != nil {
						return err
					}
				}
			}
			free <- t
		}
		return nil
	})
	return g.Wait()
}

// plan hands out the batches, to be made and to be collected.
func (b *book) plan(ctx context.Context, lists []*messageList, free <-chan *batch, todo, inOrder chan<- *batch) error {
	next := make([]int, len(lists))
	for start := 0; start < len(b.ByTime); start += rowBatch {
		var t *batch
		select {
		case t = <-free:
		case <-ctx.Done():
			return ctx.Err()
		}
		t.messages = b.ByTime[start:min(start+rowBatch, len(b.ByTime))]
		copy(t.first, next)
		for i, l := range lists {
			for _, n := range t.messages {
				next[i] += l.rows(b.Entries[n])
			}
		}
		for _, to := range []chan<- *batch{todo, inOrder} {
			select {
			case to <- t:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}

// rowMaker makes batches, one at a time.
type rowMaker struct {
	b       *book
	lists   []*messageList
	columns []view.Column
	names   []string
	packer  *packer
	cells   messageCells
}

func (b *book) newRowMaker(lists []*messageList) (*rowMaker, error) {
	m := &rowMaker{b: b, lists: lists, columns: view.Columns()}
	m.cells.cells = make([]cell, len(m.columns))
	var err error
	if m.names, err = columnNames(len(m.columns)); err != nil {
		return nil, err
	}
	m.packer, err = newPacker()
	return m, err
}

// make makes the rows of a batch.
func (m *rowMaker) make(t *batch) error {
	type cursor struct{ span, row int } // which span, and how many of its rows are written
	at := make([]cursor, len(m.lists))
	for i := range t.lists {
		l := &t.lists[i]
		l.text.columns, l.text.out, l.packed, l.blocks = m.names, l.text.out[:0], l.packed[:0], l.blocks[:0]
		at[i].row = t.first[i]
		for s := m.lists[i].spans; at[i].span < len(s) && at[i].row >= s[at[i].span].count; at[i].span++ {
			at[i].row -= s[at[i].span].count
		}
	}
	for _, n := range t.messages {
		if err := m.b.ctx.Err(); err != nil {
			return err
		}
		if err := m.message(n); err != nil {
			return err
		}
		for i, list := range m.lists {
			if list.rows(m.b.Entries[n]) == 0 {
				continue
			}
			l, c := &t.lists[i], &at[i]
			var err error
			list.write(&l.text, &m.cells, func() int {
				if c.row == list.spans[c.span].count {
					if perr := l.pack(m.packer, c.span); err == nil {
						err = perr
					}
					c.span, c.row = c.span+1, 0
				}
				c.row++
				return list.spans[c.span].first + c.row - 1
			})
			if err != nil {
				return err
			}
		}
	}
	for i := range t.lists {
		if err := t.lists[i].pack(m.packer, at[i].span); err != nil {
			return err
		}
	}
	return nil
}

// pack makes a block of the rows that were written since the last.
func (l *listBatch) pack(p *packer, span int) error {
	if len(l.text.out) == 0 {
		return nil
	}
	b, err := p.pack(&l.packed, l.text.out, false)
	l.blocks = append(l.blocks, spanBlock{span, b})
	l.text.out = l.text.out[:0]
	return err
}

// message makes the cells of a message.
func (m *rowMaker) message(n int32) error {
	msg, err := m.b.Message(int(n))
	if err != nil {
		return err
	}
	c := &m.cells
	c.message, c.arena = msg, c.arena[:0]
	for i, col := range m.columns {
		v := col.Value(m.b.Report, msg)
		switch col.ID {
		case "verdict":
			c.cells[i] = c.add(m.b.styled(v.Text, m.b.style.verdict(msg.Verdict, msg.ContentRisk)))
		case "severity":
			c.cells[i] = c.add(m.b.styled(v.Text, m.b.style.severity(msg.Severity)))
		default:
			c.cells[i] = c.add(m.b.value(v))
		}
	}
	if m.b.Entries[n].Fake() {
		c.reasons = c.add(m.b.cell(m.b.SignalLine(reasons(msg))))
	}
	return nil
}

// reasons is a message with those of its signals that show that it is a fake: the strong ones, or all where none is.
func reasons(m *finding.Message) *finding.Message {
	var strong []finding.Signal
	for _, s := range m.Signals {
		if s.For == finding.ForImpersonation && s.Strength == finding.Strong {
			strong = append(strong, s)
		}
	}
	if strong == nil {
		return m
	}
	return &finding.Message{Verdict: m.Verdict, Signals: strong}
}
