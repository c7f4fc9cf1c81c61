package mailaudit_test

import (
	"encoding/json"
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/mailaudit/mailaudit/analyzer/finding"
)

// Every word that the code puts into a field for which the schema lists the words is one of them. What is written as a literal of
// a record is found by the record's type, and the stage of a problem as the second argument of what reports one.
func TestWordsAreInTheSchema(t *testing.T) {
	var doc struct {
		Defs map[string]struct {
			Enum       []string
			Properties map[string]struct {
				Enum []string
				Ref  string `json:"$ref"`
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(finding.Schema, &doc); err != nil {
		t.Fatal(err)
	}
	listed := func(record, field string) []string {
		p := doc.Defs[strings.ToLower(record)].Properties[snake(field)]
		if def, ok := strings.CutPrefix(p.Ref, "#/$defs/"); ok {
			return doc.Defs[def].Enum
		}
		return p.Enum
	}
	found := 0
	check := func(f sourceFile, record, field string, value ast.Expr) {
		lit, ok := value.(*ast.BasicLit)
		words := listed(record, field)
		if !ok || lit.Kind != token.STRING || len(words) == 0 {
			return
		}
		found++
		if word, err := strconv.Unquote(lit.Value); err == nil && !slices.Contains(words, word) {
			t.Errorf("%s: %s.%s is %q, which the schema does not list", f.path, record, field, word)
		}
	}
	for _, f := range sourceFiles(t) {
		if f.test() || strings.HasPrefix(f.path, "report/reporttest") {
			continue
		}
		ast.Inspect(f.tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				if typ, ok := n.Type.(*ast.SelectorExpr); ok {
					for _, e := range n.Elts {
						kv, ok := e.(*ast.KeyValueExpr)
						if !ok {
							continue
						}
						if key, ok := kv.Key.(*ast.Ident); ok {
							check(f, typ.Sel.Name, key.Name, kv.Value)
						}
					}
				}
			case *ast.CallExpr:
				name := ""
				switch fun := n.Fun.(type) {
				case *ast.SelectorExpr:
					name = fun.Sel.Name
				case *ast.Ident:
					name = fun.Name
				}
				if name == "problem" && len(n.Args) == 4 {
					check(f, "Problem", "Stage", n.Args[1])
				}
			}
			return true
		})
	}
	if found < 20 {
		t.Errorf("only %d words were found in the code", found)
	}
}

// snake is the name in JSON of a field of a record.
func snake(field string) string {
	var b strings.Builder
	for i, r := range field {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToLower(b.String())
}
