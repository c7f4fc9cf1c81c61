package records

import (
	"fmt"
	"testing"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/finding"
	"github.com/mailaudit/mailaudit/analyzer/limit/growth"
)

// Records made to hurt, all orders at one moment and all charges of one amount, take time in step with their number.
func TestGrowth(t *testing.T) {
	growth.Linear(t, "orders and charges", 1500, 12_000, func(n int) func() {
		return func() {
			l := newLife(1)
			for i := range n {
				at := start.Add(time.Duration(i%2) * time.Second)
				l.row(fmt.Sprintf("250-%07d-%07d", i, i), at, at, 100, "Closed", "Gift Card")
				l.charge(at, "AMAZON", 100+int64(i%2))
			}
			for i := range n / 10 {
				l.mail(start.Add(time.Duration(i)*time.Second), 0, finding.OrderPlaced, finding.Details{OrderID: fmt.Sprintf("250-%07d-%07d", 9*i, i)})
			}
			l.end(habits{covers: [2]float64{0, 1}})
			if _, err := Match(l.set, l.in); err != nil {
				t.Fatal(err)
			}
		}
	})
}
