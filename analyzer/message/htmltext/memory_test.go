package htmltext

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// What is remembered changes no page: pages with the same and with other styles, read one after the other, are what each
// is by itself.
func TestMemoryChangesNoPage(t *testing.T) {
	css := rapid.SampledFrom([]string{
		".a{display:none}", "p{color:white;background:white}", "a{color:#fff}b", "{", "}", "@media screen{.b{font-size:0}}", "@media print{p{display:none}}",
		"</STYLE", "\x00", "<style>", "/*", "*/", ".A,.c{visibility:hidden}", "#i{opacity:0}", "",
	})
	attribute := rapid.SampledFrom([]string{
		` style="display:none"`, ` style="color:#ffffff"`, ` style="background:#fff;font-family:'Amazon Ember', Arial"`, ` style="font-family:Arial;font-size:1px"`,
		` class="a"`, ` class="A c"`, ` class=b`, ` id=i`, ` bgcolor=white`, ` color=white`, ` hidden`, ``, ` style="color:#FFFFFF"`,
		` title="a>b"`, ` title='>'`, ` title="<p>"`, ` face="Amazon Ember"`, ` background=x`, ` /`, ` action=y`,
	})
	page := rapid.Custom(func(t *rapid.T) string {
		var b strings.Builder
		for i := range rapid.IntRange(1, 8).Draw(t, "elements") {
			switch rapid.IntRange(0, 3).Draw(t, "kind") {
			case 0:
				fmt.Fprintf(&b, "<style>%s%s</style>", css.Draw(t, "css"), css.Draw(t, "css"))
			default:
				tag := rapid.SampledFrom([]string{
					"p", "a href=x", "a", "font", "td", "x-y", "x-y/", "br", "img src=x", "button", "textarea", "noscript", "xmp", "title", "pre", "P",
				}).Draw(t, "tag")
				fmt.Fprintf(&b, "<%s%s%s>text %d</%s>", tag, attribute.Draw(t, "attribute"), attribute.Draw(t, "attribute"), i, strings.Trim(strings.Fields(tag)[0], "/"))
			}
		}
		return b.String()
	})
	rapid.Check(t, func(t *rapid.T) {
		var m Memory
		for _, src := range rapid.SliceOfN(page, 1, 6).Draw(t, "pages") {
			if got, want := m.Read(src, Limits{}), Read(src, Limits{}); !reflect.DeepEqual(got, want) {
				t.Fatalf("%s\n got %+v\nwant %+v", src, got, want)
			}
		}
	})
}

// FuzzMemory is the same with any two pages, the first of them read again at the end.
func FuzzMemory(f *testing.F) {
	f.Add(`<style>p{color:white}</style><p class=a>x</p>`, `<p class=a>x</p><p title=">">y`)
	f.Add(`<td style="display:none">a`, `<style>td{opacity:0}</style><td style="display:none">a<font face=b>`)
	f.Add("<xmp><p></xmp><p>", "<noscript><p style='color:#fff'>a</p></noscript><p style='color:#fff'>")
	f.Fuzz(func(t *testing.T, a, b string) {
		var m Memory
		lim := Limits{Tokens: 1000, Links: 50}
		for _, src := range []string{a, b, a} {
			if got, want := m.Read(src, lim), Read(src, lim); !reflect.DeepEqual(got, want) {
				t.Fatalf("%q\n got %+v\nwant %+v", src, got, want)
			}
		}
	})
}

// A Memory is bounded, however many styles there are and however long.
func TestMemoryIsBounded(t *testing.T) {
	var m Memory
	for i := range 3 * maxAttributes {
		m.Read(fmt.Sprintf(`<style>.c%d{color:red}</style><p class="c%[1]d" style="width:%[1]dpx">x</p>`, i), Limits{})
	}
	for i := range 3 * maxTags {
		m.Read(fmt.Sprintf(`<p title="%d">x</p><p title="%s">x</p>`, i, strings.Repeat("y", longestTag)), Limits{})
	}
	m.Read("<style>"+strings.Repeat("p{color:red}", longestSheet)+"</style>", Limits{})
	m.Read(`<p style="`+strings.Repeat("color:red;", longestAttribute)+`">x</p>`, Limits{})
	var list strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&list, ".x%d,", i)
	}
	m.Read("<style>"+list.String()+"p{"+strings.Repeat("color:red;", 200)+"}</style>", Limits{})
	var many strings.Builder
	many.WriteString("<style>p{color:red}</style>")
	for i := range 2 * maxElements {
		fmt.Fprintf(&many, "<p class=d%d>x", i)
	}
	m.Read(many.String(), Limits{})
	if len(m.attributes) > maxAttributes || len(m.sheets) > maxSheets {
		t.Errorf("%d attributes and %d sheets are remembered", len(m.attributes), len(m.sheets))
	}
	if len(m.none.tags) > maxTags {
		t.Errorf("%d tags are remembered", len(m.none.tags))
	}
	for css, st := range m.sheets {
		if len(st.tags) > maxTags {
			t.Errorf("%d tags are remembered with one sheet", len(st.tags))
		}
		size := 0
		for selector, rules := range st.sheet {
			size += len(selector) + len(rules)
		}
		if size > largestSheet {
			t.Errorf("a sheet with %d bytes of rules is remembered", size)
		}
		if len(css) > longestSheet || len(st.known) > maxElements {
			t.Errorf("a sheet of %d bytes with %d elements is remembered", len(css), len(st.known))
		}
	}
	for key := range m.attributes {
		if len(key.css) > longestAttribute {
			t.Errorf("an attribute of %d bytes is remembered", len(key.css))
		}
	}
}
