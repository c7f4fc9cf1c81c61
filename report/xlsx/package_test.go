package xlsx

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/mailaudit/mailaudit/report/reporttest"
	"github.com/mailaudit/mailaudit/report/view"
)

type relationships struct {
	List []struct {
		ID     string `xml:"Id,attr"`
		Target string `xml:"Target,attr"`
		Mode   string `xml:"TargetMode,attr"`
	} `xml:"Relationship"`
}

// relsOf is the part that names what a part refers to (ECMA-376 part 2 §6.5.2.3).
func relsOf(part string) string {
	dir, name := path.Split(part)
	return path.Join(dir, "_rels", name+".rels")
}

var usedID = regexp.MustCompile(` r:(?:id|embed)="([^"]+)"`)

// The package is as ECMA-376 part 2 wants it: each part has a content type and each listed part is there, relationships
// lead to parts that are there, and what parts refer to by id is among their relationships.
func TestPackage(t *testing.T) {
	long, err := view.Build(context.Background(), reporttest.Large(700).File(), view.Options{Lang: view.JA})
	if err != nil {
		t.Fatal(err)
	}
	var rolled bytes.Buffer
	if err := (&book{Report: long, ctx: context.Background(), rowLimit: headRow + 300}).writeTo(&rolled); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"takeover": workbook(t, reporttest.Takeover(), view.JA), "empty": workbook(t, reporttest.Empty(), view.EN),
		"hostile": workbook(t, reporttest.Hostile(), view.EN), "rolled over": rolled.Bytes(),
	} {
		all := parts(t, b)
		for _, list := range [][]string{typeProblems(t, all), relationProblems(t, all), tableProblems(t, all)} {
			for _, problem := range list {
				t.Errorf("%s: %s", name, problem)
			}
		}
	}
}

func typeProblems(t *testing.T, all map[string]string) (list []string) {
	t.Helper()
	var known types
	if err := xml.Unmarshal([]byte(all[contentTypes]), &known); err != nil {
		t.Fatal(err)
	}
	typed := map[string]bool{contentTypes: true}
	for _, o := range known.Override {
		part := strings.TrimPrefix(o.PartName, "/")
		if _, ok := all[part]; !ok {
			list = append(list, fmt.Sprintf("%s has a type and is not there", part))
		}
		if typed[part] {
			list = append(list, fmt.Sprintf("%s has two types", part))
		}
		typed[part] = true
	}
	for part := range all {
		for _, d := range known.Default {
			typed[part] = typed[part] || path.Ext(part) == "."+d.Extension
		}
		if !typed[part] {
			list = append(list, fmt.Sprintf("%s has no type", part))
		}
	}
	return list
}

func relationProblems(t *testing.T, all map[string]string) (list []string) {
	t.Helper()
	for part, text := range all {
		ids := map[string]bool{}
		var r relationships
		if rels, ok := all[relsOf(part)]; ok {
			if err := xml.Unmarshal([]byte(rels), &r); err != nil {
				t.Fatalf("%s: %v", relsOf(part), err)
			}
		}
		for _, to := range r.List {
			if ids[to.ID] {
				list = append(list, fmt.Sprintf("%s: relationship %s stands twice", part, to.ID))
			}
			ids[to.ID] = true
			target := path.Join(path.Dir(part), to.Target)
			if strings.HasPrefix(to.Target, "/") {
				target = to.Target[1:]
			}
			if _, ok := all[target]; !ok {
				list = append(list, fmt.Sprintf("%s: %s leads to %s, which is not there (mode %q)", part, to.ID, target, to.Mode))
			}
		}
		for _, m := range usedID.FindAllStringSubmatch(text, -1) {
			if !ids[m[1]] {
				list = append(list, fmt.Sprintf("%s refers to %s, which is no relationship of it", part, m[1]))
			}
		}
		if strings.HasSuffix(part, ".xml") || strings.HasSuffix(part, ".rels") {
			tokens(t, text) // fails on what is no XML
		}
	}
	return list
}

// tableProblems holds tables to what Excel wants of them, and repairs files for: columns with names, no two alike in any case,
// and no two tables of one name.
func tableProblems(t *testing.T, all map[string]string) (list []string) {
	t.Helper()
	tables := map[string]bool{}
	for part, text := range all {
		if !strings.HasPrefix(part, "xl/tables/") {
			continue
		}
		var table struct {
			Name    string `xml:"displayName,attr"`
			Columns []struct {
				Name string `xml:"name,attr"`
			} `xml:"tableColumns>tableColumn"`
		}
		if err := xml.Unmarshal([]byte(text), &table); err != nil {
			t.Fatal(err)
		}
		if tables[table.Name] {
			list = append(list, fmt.Sprintf("two tables are named %s", table.Name))
		}
		tables[table.Name] = true
		columns := map[string]bool{"": true}
		for _, c := range table.Columns {
			if columns[strings.ToLower(c.Name)] {
				list = append(list, fmt.Sprintf("%s: two columns are named %q, or one has no name", part, c.Name))
			}
			columns[strings.ToLower(c.Name)] = true
		}
		if len(table.Columns) == 0 {
			list = append(list, part+" has no columns")
		}
	}
	return list
}
