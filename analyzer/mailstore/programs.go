package mailstore

import (
	"encoding/xml"
	"errors"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
)

// Limits of what is read of the files in which programs note accounts.
const (
	maxConfig   = 8 << 20
	maxAccounts = 100
	maxProfiles = 50
)

// mozilla is a folder with profiles.ini: Thunderbird's and its relatives'.
func (s *search) mozilla(i int, pl place, dir string) {
	_, err := s.Disk.Stat(filepath.Join(dir, "profiles.ini"))
	if st, ok := s.refused(dir, err); ok {
		s.add(i, Store{Program: pl.Program, Kind: pl.Kind, Paths: []string{dir}, State: st})
		return
	}
	if err != nil {
		return
	}
	for n, p := range profiles(s.read(filepath.Join(dir, "profiles.ini"), maxConfig)) {
		if n == maxProfiles {
			return
		}
		path := filepath.FromSlash(p.path)
		if p.relative {
			path = filepath.Join(dir, path)
		}
		if !filepath.IsAbs(path) {
			continue
		}
		known := &Store{Program: pl.Program, Kind: pl.Kind, Name: p.name, Paths: []string{path}}
		s.spawn(i, path, known, func() { s.profile(i, *known) })
	}
}

// iniProfile is a section of profiles.ini.
type iniProfile struct {
	name, path string
	relative   bool
}

func profiles(text string) (list []iniProfile) {
	for _, section := range sections(text) {
		if strings.HasPrefix(section.name, "Profile") && section.values["Path"] != "" {
			list = append(list, iniProfile{section.values["Name"], section.values["Path"], section.values["IsRelative"] == "1"})
		}
	}
	return list
}

// section is a part of a file of the form [name], key=value.
type section struct {
	name   string
	values map[string]string
}

func sections(text string) (list []section) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(strings.TrimPrefix(line, "\ufeff"))
		if name, ok := strings.CutPrefix(line, "["); ok {
			list = append(list, section{strings.TrimSuffix(name, "]"), map[string]string{}})
		} else if key, value, ok := strings.Cut(line, "="); ok && len(list) > 0 {
			list[len(list)-1].values[strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
	}
	return list
}

// profile is one profile with its accounts. A folder without prefs.js was never used.
func (s *search) profile(i int, st Store) {
	dir := st.Paths[0]
	_, err := s.Disk.Stat(filepath.Join(dir, "prefs.js"))
	if state, ok := s.refused(dir, err); ok {
		st.State = state
		s.add(i, st)
		return
	}
	if err != nil {
		return
	}
	servers := servers(prefs(s.read(filepath.Join(dir, "prefs.js"), maxConfig)))
	st.State = Readable
	measured := []string{filepath.Join(dir, "Mail"), filepath.Join(dir, "ImapMail")}
	for _, v := range servers {
		v.dir = strings.Replace(v.dir, "[ProfD]", dir+string(filepath.Separator), 1)
		if v.dir = filepath.Clean(filepath.FromSlash(v.dir)); !filepath.IsAbs(v.dir) {
			v.dir = ""
		}
		account := Account{Address: v.address, Type: v.kind}
		if v.kind == "imap" && v.dir != "" {
			here := Store{State: Readable}
			s.measure(&here, v.dir)
			account.Remote = here.Size < 32<<10 && !here.AtLeast
		}
		st.Accounts = append(st.Accounts, account)
		// An account's folder may be on another disk, where a person keeps mail that is not to be lost with the profile.
		if v.dir != "" && !below(v.dir, dir) {
			st.Paths = append(st.Paths, v.dir)
			measured = append(measured, v.dir)
		}
	}
	s.measure(&st, measured...)
	s.add(i, st)
}

// below reports whether a path is a folder or lies in it.
func below(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// prefs reads the settings of mail out of a prefs.js: user_pref("mail.server.server1.type", "imap"); one a line.
func prefs(text string) map[string]string {
	values := map[string]string{}
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), `user_pref("mail.`)
		rest, closed := strings.CutSuffix(rest, ");")
		name, value, split := strings.Cut(rest, `",`)
		if !ok || !closed || !split {
			continue
		}
		value = strings.TrimSpace(value)
		if plain, err := strconv.Unquote(value); err == nil {
			value = plain
		}
		values["mail."+name] = strings.Trim(value, `"`)
	}
	return values
}

// server is an account of Thunderbird.
type server struct{ address, kind, dir string }

// servers are the accounts of a profile, in the order in which Thunderbird shows them.
func servers(values map[string]string) (list []server) {
	for account := range strings.SplitSeq(values["mail.accountmanager.accounts"], ",") {
		if len(list) == maxAccounts {
			break
		}
		account = "mail.account." + strings.TrimSpace(account)
		of := "mail.server." + values[account+".server"] + "."
		v := server{kind: values[of+"type"], dir: values[of+"directory-rel"]}
		switch v.kind {
		case "", "nntp", "rss", "im":
			continue
		case "none":
			v.kind = "local"
		}
		if !strings.HasPrefix(v.dir, "[ProfD]") {
			if dir := values[of+"directory"]; dir != "" {
				v.dir = dir
			}
		}
		identity, _, _ := strings.Cut(values[account+".identities"], ",")
		for _, name := range []string{values["mail.identity."+identity+".useremail"], values[of+"name"], values[of+"userName"], values[of+"hostname"]} {
			if v.address == "" {
				v.address = name
			}
		}
		list = append(list, v)
	}
	return list
}

// apple is Apple Mail's folder, which macOS keeps closed until the person allows the terminal, or mailaudit, to read all
// files. Accounts have no names there since macOS 10.13, only numbers; before, a folder was IMAP-name@host.
func (s *search) apple(i int, pl place, dir string) {
	st := Store{Program: pl.Program, Kind: pl.Kind, Paths: []string{dir}, State: Readable}
	err := s.Disk.ReadDir(dir, func(e fs.DirEntry) bool {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), "V") {
			return true
		}
		_ = s.Disk.ReadDir(filepath.Join(dir, e.Name()), func(e fs.DirEntry) bool {
			kind, address, ok := strings.Cut(e.Name(), "-")
			if kind = strings.ToLower(kind); ok && e.IsDir() && (kind == "imap" || kind == "pop") {
				st.Accounts = append(st.Accounts, Account{Address: address, Type: strings.Replace(kind, "pop", "pop3", 1)})
			}
			return len(st.Accounts) < maxAccounts
		})
		return true
	})
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if state, ok := s.refused(dir, err); ok {
		st.State = state
		s.add(i, st)
		return
	}
	s.later(i, st, dir)
}

// evolution has a folder for each account, named by the id of the file that describes it; local is "On This Computer".
func (s *search) evolution(i int, pl place, dir string) {
	_ = s.Disk.ReadDir(dir, func(e fs.DirEntry) bool {
		if name := e.Name(); e.IsDir() && name != "trash" && name != "vfolder" && name != "views" {
			st := Store{Program: pl.Program, Kind: pl.Kind, Paths: []string{filepath.Join(dir, name)}}
			for _, section := range sections(s.read(filepath.Join(pl.Config, name+".source"), 64<<10)) {
				switch section.name {
				case "Data Source":
					st.Name = section.values["DisplayName"]
				case "Authentication":
					if user := section.values["User"]; user != "" {
						st.Accounts = []Account{{Address: user}}
					}
				}
			}
			s.later(i, st, st.Paths[0])
		}
		return s.ctx.Err() == nil
	})
}

// claws is the folder of Claws Mail or Sylpheed: which mailboxes there are stands in folderlist.xml, and what was fetched
// by IMAP lies in imapcache.
func (s *search) claws(i int, pl place, dir string) {
	text := s.read(filepath.Join(dir, "folderlist.xml"), maxConfig)
	if text == "" {
		return
	}
	var accounts []Account
	for _, section := range sections(s.read(filepath.Join(dir, "accountrc"), maxConfig)) {
		if address := section.values["address"]; strings.HasPrefix(section.name, "Account") && address != "" && len(accounts) < maxAccounts {
			accounts = append(accounts, Account{Address: address})
		}
	}
	for _, path := range mailboxes(text) {
		if path = filepath.FromSlash(path); !filepath.IsAbs(path) {
			path = filepath.Join(s.Home, path)
		}
		s.later(i, Store{Program: pl.Program, Kind: pl.Kind, Accounts: accounts, Paths: []string{path}}, path)
	}
	if cache := filepath.Join(dir, "imapcache"); s.exists(cache) {
		s.later(i, Store{Program: pl.Program, Kind: pl.Kind, Accounts: accounts, Paths: []string{cache}}, cache)
	}
}

func (s *search) exists(path string) bool {
	_, err := s.Disk.Stat(path)
	return err == nil
}

// mailboxes are the paths of the mailboxes in a folderlist.xml: <folder type="mh" name="Mailbox" path="Mail">.
func mailboxes(text string) (list []string) {
	d := xml.NewDecoder(strings.NewReader(text))
	d.Strict = false
	for len(list) < maxAccounts {
		token, err := d.RawToken()
		if err != nil {
			return list
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "folder" {
			continue
		}
		kind, path := "", ""
		for _, a := range start.Attr {
			switch a.Name.Local {
			case "type":
				kind = a.Value
			case "path":
				path = a.Value
			}
		}
		if (kind == "mh" || kind == "mbox" || kind == "maildir") && path != "" {
			list = append(list, path)
		}
	}
	return list
}
