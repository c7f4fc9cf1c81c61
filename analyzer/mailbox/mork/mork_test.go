package mork

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const head = `// <!-- <mdb:mork:z v="1.4"/> -->
< <(a=c)> // (f=iso-8859-1)
  (80=ns:msg:db:row:scope:msgs:all)(81=subject)(88=flags)(C2=storeToken)(99=ns:msg:db:row:scope:threads:all)>
`

func TestRead(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		want       map[string]Row
		whole      bool
	}{
		{
			"cells are literals or references to atoms",
			`<(A1=Hello)(A2=14)>{1:^80 {(k^96:c)(s=9)} [1(^81^A1)(^88=0)][2(^88^A2)(^C2=300)]}`,
			map[string]Row{"1": {Cells: []string{"Hello", "0", ""}}, "2": {Cells: []string{"", "14", "300"}}}, true,
		},
		{
			"a later row changes only the cells that it names",
			`{1:^80 {(k^96:c)} [1(^81=a)(^88=0)]}[1:^80(^88=1)]`,
			map[string]Row{"1": {Cells: []string{"a", "1", ""}}}, true,
		},
		{
			"a row with a minus is emptied first, a cell with a minus alone",
			`{1:^80 {(k^96:c)} [1(^81=a)(^88=0)] [2(^81=b)(^88=1)]}[-1:^80(^88=1)][2:^80(-^88)]`,
			map[string]Row{"1": {Cells: []string{"", "1", ""}}, "2": {Cells: []string{"b", "", ""}}}, true,
		},
		{
			"a row that left the table is marked, and comes back where the table names it again",
			`{1:^80 {(k^96:c)} [1(^88=0)] [2(^88=0)]}{1:^80 {(k^96:c)} -1 -2 }{1:^80 {(k^96:c)} 2 }`,
			map[string]Row{"1": {Cells: []string{"", "0", ""}, Cut: true}, "2": {Cells: []string{"", "0", ""}}}, true,
		},
		{
			"rows of another scope have ids of their own",
			`{1:^80 {(k^96:c)} [1(^88=0)]}[1:^99(^88=1)][1:m(^88=1)]`,
			map[string]Row{"1": {Cells: []string{"", "0", ""}}}, true,
		},
		{
			"escapes: parenthesis, backslash, joined lines, bytes",
			"{1:^80 {(k^96:c)} [1(^81=a\\)b\\\\c\\\nd$E3$81$82)]}",
			map[string]Row{"1": {Cells: []string{"a)b\\cdあ", "", ""}}}, true,
		},
		{
			"a group that ended counts, one that was aborted does not",
			"{1:^80 {(k^96:c)} [1(^88=0)]}\n@$${1{@\n[1:^80(^88=1)]\n@$$}1}@\n@$${2{@\n[1:^80(^88=5)]\n@$$}~abort~2}@\n",
			map[string]Row{"1": {Cells: []string{"", "1", ""}}}, true,
		},
		{
			"a group without its end was being written when the program died",
			"{1:^80 {(k^96:c)} [1(^88=0)]}\n@$${3{@\n[1:^80(^88=1)]\n",
			map[string]Row{"1": {Cells: []string{"", "0", ""}}}, false,
		},
		{
			"what was read before the damage is kept",
			`{1:^80 {(k^96:c)} [1(^88=0)] [2(^88`,
			map[string]Row{"1": {Cells: []string{"", "0", ""}}, "2": {Cells: []string{"", "", ""}}}, false,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows, whole, err := Read([]byte(head+tt.body), "ns:msg:db:row:scope:msgs:all", []string{"subject", "flags", "storeToken"})
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]Row{}
			for k, r := range rows {
				got[k] = *r
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if whole != tt.whole {
				t.Errorf("whole is %v", whole)
			}
		})
	}
}

func TestReadOther(t *testing.T) {
	if _, _, err := Read([]byte("<html>"), "", nil); !errors.Is(err, ErrFormat) {
		t.Errorf("got %v", err)
	}
}

// FuzzRead: any bytes are read without a panic, and every row has a cell for each column.
func FuzzRead(f *testing.F) {
	f.Add(head + "{1:^80 {(k^96:c)} [1(^81=a)(^88=0)] -2 }@$${1{@[1:^80(^88^A1)]@$$}1}@")
	f.Fuzz(func(t *testing.T, body string) {
		rows, _, err := Read([]byte(Magic+body), "ns:msg:db:row:scope:msgs:all", []string{"flags", "storeToken"})
		if err != nil {
			t.Fatal(err)
		}
		for k, r := range rows {
			if len(r.Cells) != 2 || k == "" || k != strings.ToLower(k) {
				t.Fatalf("row %q has %d cells", k, len(r.Cells))
			}
		}
	})
}
