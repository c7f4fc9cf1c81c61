package brand

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"path"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/mailaudit/mailaudit/analyzer/hostname"
	"github.com/mailaudit/mailaudit/analyzer/script"
)

// maxPack is the largest pack file that is read, in bytes; the built-in ones are below 30 KiB.
const maxPack = 4 << 20

// pack is one TOML file: any number of brands.
type pack struct {
	Brands []*Brand `toml:"brand"`
}

// Decode reads all packs (*.toml) of a folder, in the order of their names. A key that no field has, a role, kind or
// confidence that does not exist, or a domain that anybody could register a name under is an error that names the file
// and the entry.
func Decode(fsys fs.FS, dir string) ([]*Brand, error) {
	names, err := fs.Glob(fsys, path.Join(dir, "*.toml"))
	if err != nil {
		return nil, fmt.Errorf("listing brand packs: %w", err)
	}
	slices.Sort(names)
	var brands []*Brand
	for _, name := range names {
		if info, err := fs.Stat(fsys, name); err != nil || info.Size() > maxPack {
			return nil, fmt.Errorf("reading brand pack %s: larger than %d bytes or not readable", name, maxPack)
		}
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("reading brand pack: %w", err)
		}
		var p pack
		if err := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(&p); err != nil {
			var strict *toml.StrictMissingError
			if errors.As(err, &strict) {
				return nil, fmt.Errorf("decoding brand pack %s: unknown key:\n%s", name, strict.String())
			}
			return nil, fmt.Errorf("decoding brand pack %s: %w", name, err)
		}
		for _, b := range p.Brands {
			if err := check(b); err != nil {
				return nil, fmt.Errorf("brand pack %s: brand %q: %w", name, b.ID, err)
			}
			foldWords(b)
		}
		brands = append(brands, p.Brands...)
	}
	return brands, nil
}

// DecodeBuiltin reads the packs that ship with the program: Amazon and the issuers of data, which are audited unless somebody
// says otherwise, and behind them those of data/wider.
func DecodeBuiltin(fsys fs.FS) ([]*Brand, error) {
	brands, err := Decode(fsys, "data")
	if err != nil {
		return nil, err
	}
	wider, err := Decode(fsys, "data/wider")
	if err != nil {
		return nil, err
	}
	for _, b := range wider {
		b.Wider = true
	}
	brands = append(brands, wider...)
	for _, b := range brands {
		expand(b)
	}
	return brands, nil
}

// check tells what is wrong with a brand as written.
func check(b *Brand) error {
	_, known := kindNamed(b.Kind)
	switch {
	case b.ID == "" || strings.Trim(b.ID, "abcdefghijklmnopqrstuvwxyz0123456789-") != "":
		return errors.New("id must be lower-case letters, digits and hyphens")
	case b.Kind != "" && !known:
		return fmt.Errorf("kind %q: must be one of %s", b.Kind, kindNames())
	case !slices.Contains([]string{"", "monthly", "yearly", "weekly"}, b.Cadence):
		return fmt.Errorf("cadence %q: must be monthly, yearly or weekly", b.Cadence)
	}
	if c, ok := unknownCapability(b.Also); ok {
		return fmt.Errorf("also: no such capability %q", c)
	}
	if err := checkContact(&b.Contact); err != nil {
		return fmt.Errorf("contact: %w", err)
	}
	for _, d := range b.Domains {
		if a, _ := hostname.ASCII(d.Name); a != d.Name || hostname.Suffix(d.Name) || !strings.Contains(d.Name, ".") {
			return fmt.Errorf("domain %q: must be a lower-case ASCII name below a public suffix", d.Name)
		}
		if !slices.Contains([]Role{Retail, Service, Relay, Customer, Assets, Short, Bounce}, d.Role) {
			return fmt.Errorf("domain %q: no such role %q", d.Name, d.Role)
		}
		if err := checkOrigin(d.Confidence, d.Source); err != nil {
			return fmt.Errorf("domain %q: %w", d.Name, err)
		}
	}
	for _, d := range b.Registries {
		if a, _ := hostname.ASCII(d.Name); a != d.Name || d.Name == "" || strings.Contains(d.Name, ".") || d.Role != Service {
			return fmt.Errorf("registry %q: must be a lower-case ASCII top-level domain with the role service", d.Name)
		}
		if err := checkOrigin(d.Confidence, d.Source); err != nil {
			return fmt.Errorf("registry %q: %w", d.Name, err)
		}
	}
	for _, e := range b.Below {
		if e.Label == "" || e.Source == "" || e.Role != Bounce && e.Role != Relay {
			return fmt.Errorf("below %q: needs a label, a source and the role bounce or relay", e.Label)
		}
	}
	kinds := []string{"security", "order", "prime", "payment", "marketing", "aws", "seller", "service", "statement"}
	for _, s := range b.Senders {
		if s.Local == "" || s.Local != strings.ToLower(s.Local) || !slices.Contains(kinds, s.Kind) {
			return fmt.Errorf("sender %q: needs a lower-case local part and a known kind", s.Local)
		}
		if err := checkOrigin(s.Confidence, s.Source); err != nil {
			return fmt.Errorf("sender %q: %w", s.Local, err)
		}
	}
	for _, n := range b.Networks {
		if _, err := netip.ParsePrefix(n.Prefix); err != nil {
			return fmt.Errorf("network %q: %w", n.Prefix, err)
		}
		if err := checkOrigin(n.Confidence, n.Source); err != nil {
			return fmt.Errorf("network %q: %w", n.Prefix, err)
		}
	}
	for _, w := range b.Words {
		if script.Fold(w.Text) == "" || !slices.Contains([]string{"name", "own", "account", "product", "near", "not", "short"}, w.Kind) {
			return fmt.Errorf("word %q: needs a text and the kind name, own, account, product, near, not or short", w.Text)
		}
	}
	for _, s := range b.Samples {
		if (s.Host == "") == (s.Name == "") {
			return errors.New("sample: needs a host or a name, and not both")
		}
	}
	return nil
}

func checkContact(c *Contact) error {
	if *c == (Contact{}) {
		return nil
	}
	if a, _ := hostname.ASCII(c.Site); a != c.Site || c.Site != "" && !strings.Contains(c.Site, ".") {
		return fmt.Errorf("site %q: must be a lower-case ASCII host name", c.Site)
	}
	if _, host, ok := strings.Cut(c.Report, "@"); c.Report != "" && (!ok || !strings.Contains(host, ".")) {
		return fmt.Errorf("report %q: must be an address", c.Report)
	}
	return checkOrigin(c.Confidence, c.Source)
}

// kindNames lists the kinds for an error.
func kindNames() string {
	var names []string
	for _, k := range kinds {
		names = append(names, k.ID)
	}
	return strings.Join(names, ", ")
}

func checkOrigin(c Confidence, source string) error {
	if source == "" {
		return errors.New("source is missing")
	}
	if !slices.Contains([]Confidence{H, M, L, K}, c) {
		return fmt.Errorf("confidence %q: must be H, M, L or K", c)
	}
	return nil
}

// expand writes out what stands for every retail domain. What is written out already stays as it is.
func expand(b *Brand) {
	retail := slices.DeleteFunc(slices.Clone(b.Domains), func(d Domain) bool { return d.Role != Retail })
	for _, e := range b.Below {
		for _, d := range retail {
			d.Name, d.Role, d.Source = e.Label+"."+d.Name, e.Role, e.Source
			if !slices.ContainsFunc(b.Domains, func(o Domain) bool { return o.Name == d.Name }) {
				b.Domains = append(b.Domains, d)
			}
		}
	}
	for i, s := range b.Senders {
		var domains []string
		for _, d := range s.Domains {
			label, all := strings.CutSuffix(d, ".*")
			if !all {
				domains = append(domains, d)
				continue
			}
			for _, r := range retail {
				domains = append(domains, label+"."+r.Name)
			}
		}
		b.Senders[i].Domains = domains
	}
}

func foldWords(b *Brand) {
	for i := range b.Words {
		b.Words[i].Text = script.Fold(b.Words[i].Text)
	}
}
