package xlsx

import (
	"github.com/mailaudit/mailaudit/report/view"
)

// rowBatch is how many messages go from the reader of records to the writer of sheets at once: enough that handing over
// costs nothing, few enough that the batches under way stay below a few MiB.
const rowBatch = 128

// messageRow is what the sheets say of one message.
type messageRow struct {
	entry    int32
	cells    []any   // one for each of view.Columns
	evidence [][]any // rows of the sheet of evidence
}

// rows makes the cells of all messages, newest first, beside whoever writes them: decoding the records takes about as long
// as writing the sheets.
type rows struct {
	batches chan []messageRow
	err     error // valid once batches is closed
	quit    chan struct{}
}

func newRows(b *book, columns []view.Column) *rows {
	r := &rows{batches: make(chan []messageRow, 4), quit: make(chan struct{})}
	go func() {
		defer close(r.batches)
		r.err = r.make(b, columns)
	}()
	return r
}

// next returns the next batch, nil after the last.
func (r *rows) next() ([]messageRow, error) {
	batch, ok := <-r.batches
	if !ok {
		return nil, r.err
	}
	return batch, nil
}

// stop ends the making of rows and returns when nothing reads the report any more.
func (r *rows) stop() {
	close(r.quit)
	for range r.batches {
	}
}

func (r *rows) make(b *book, columns []view.Column) error {
	for start := 0; start < len(b.ByTime); start += rowBatch {
		if err := b.ctx.Err(); err != nil {
			return err
		}
		part := b.ByTime[start:min(start+rowBatch, len(b.ByTime))]
		batch := make([]messageRow, len(part))
		for i, n := range part {
			row, err := b.messageRow(n, columns)
			if err != nil {
				return err
			}
			batch[i] = row
		}
		select {
		case r.batches <- batch:
		case <-r.quit:
			return nil
		}
	}
	return nil
}

func (b *book) messageRow(n int32, columns []view.Column) (messageRow, error) {
	m, err := b.Message(int(n))
	if err != nil {
		return messageRow{}, err
	}
	row := messageRow{entry: n, cells: make([]any, len(columns)), evidence: b.places(m)}
	for i, c := range columns {
		v := c.Value(b.Report, m)
		switch c.ID {
		case "verdict":
			row.cells[i] = b.styled(v.Text, b.style.verdict(m.Verdict, m.ContentRisk))
		case "severity":
			row.cells[i] = b.styled(v.Text, b.style.severity(m.Severity))
		default:
			row.cells[i] = b.value(v)
		}
	}
	return row, nil
}
