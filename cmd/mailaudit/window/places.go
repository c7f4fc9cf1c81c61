package window

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// places are the files and folders that the page was given, by their numbers.
type places struct {
	mu     sync.Mutex
	paths  []string
	number map[string]int
}

func newPlaces() places { return places{number: make(map[string]int)} }

// give is the number of a path, which the page may ask for from now on.
func (p *places) give(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n, known := p.number[path]
	if !known {
		n = len(p.paths)
		p.paths = append(p.paths, path)
		p.number[path] = n
	}
	return n
}

// path is the path of a number that was given.
func (p *places) path(number string) (string, bool) {
	n, err := strconv.Atoi(number)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil || n < 0 || n >= len(p.paths) {
		return "", false
	}
	return p.paths[n], true
}

// entry is a file or folder in a list.
type entry struct {
	Name   string
	Number int
	Folder bool
	Size   int64
}

// listed is how many entries of a folder are shown; more are counted.
const listed = 2000

// list lists a folder: folders first, by name. Hidden ones come last. What is no file and no folder is left out; links are
// followed, since people put their mail on another disk and leave a link.
func (p *places) list(dir string) (list []entry, more int, err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	names, err := f.Readdirnames(50 * listed)
	if len(names) == 0 && err != nil && !strings.Contains(err.Error(), "EOF") {
		return nil, 0, err
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(hidden(a), hidden(b)), cmp.Compare(strings.ToLower(a), strings.ToLower(b)), cmp.Compare(a, b))
	})
	if len(names) > listed {
		names, more = names[:listed], len(names)-listed
	}
	for _, name := range names {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || !info.IsDir() && !info.Mode().IsRegular() {
			continue
		}
		list = append(list, entry{Name: name, Number: p.give(filepath.Join(dir, name)), Folder: info.IsDir(), Size: info.Size()})
	}
	slices.SortStableFunc(list, func(a, b entry) int { return cmp.Compare(order(a), order(b)) })
	return list, more, nil
}

func order(e entry) int {
	if e.Folder {
		return hidden(e.Name)
	}
	return 2 + hidden(e.Name)
}

func hidden(name string) int {
	if strings.HasPrefix(name, ".") {
		return 1
	}
	return 0
}
