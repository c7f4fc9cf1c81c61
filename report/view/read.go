package view

import (
	"context"
	"runtime"
	"sync"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// brief is what the report remembers of one message; the rest is read again when it is written.
type brief struct {
	entry  Entry
	id     string
	sender string   // the domain of an impersonation's From address
	hosts  []string // unofficial hosts an impersonation links to
}

func briefOf(m *finding.Message) brief {
	b := brief{entry: entryOf(m), id: m.ID}
	if len(m.Incidents) > 0 {
		b.entry.Flags |= InIncident
	}
	if b.entry.Fake() {
		if m.From != nil {
			b.sender = domainOf(m.From.Address)
		}
		b.hosts = strangeHosts(m)
	}
	return b
}

// briefBatch is how many messages one reader takes at a time.
const briefBatch = 512

// briefs calls visit for every message of src in order. Decoding is all the work, so as many goroutines as there are cores
// share it, where src can be read from several at once: a stream itself can, one that masks people as it goes cannot.
func briefs(ctx context.Context, src finding.Reader, visit func(i int, b brief)) error {
	file, ok := src.(*finding.File)
	readers := min(runtime.GOMAXPROCS(0), 8)
	if !ok || readers == 1 || src.Len() <= briefBatch {
		return src.Messages(func(i int, m *finding.Message) error {
			if i%briefBatch == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			visit(i, briefOf(m))
			return nil
		})
	}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	type batch struct {
		list []brief
		err  error
	}
	// Reader k takes every readers-th batch from k on, so that taking from them in turn gives the order of the stream.
	batches := make([]chan batch, readers)
	for k := range batches {
		batches[k] = make(chan batch, 2)
		running.Go(func() {
			for start := k * briefBatch; start < file.Len(); start += readers * briefBatch {
				var b batch
				for i := start; i < min(start+briefBatch, file.Len()) && b.err == nil; i++ {
					var m *finding.Message
					if m, b.err = file.Message(i); b.err == nil {
						b.list = append(b.list, briefOf(m))
					}
				}
				select {
				case batches[k] <- b:
				case <-ctx.Done():
					return
				}
			}
		})
	}
	for n, i := 0, 0; i < file.Len(); n++ {
		select {
		case b := <-batches[n%readers]:
			if b.err != nil {
				return b.err
			}
			for _, e := range b.list {
				visit(i, e)
				i++
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
