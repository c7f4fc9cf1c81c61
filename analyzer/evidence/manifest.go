package evidence

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// ManifestName is the name of the manifest in an output folder.
const ManifestName = "manifest.json"

// ManifestTool is what Manifest.Tool holds. By it a folder is known as mailaudit's own, which is never scanned.
const ManifestTool = "mailaudit"

// ManifestForm is the version of the manifest's form. New keys keep it.
const ManifestForm = "1"

// ErrNotManifest is returned for a file that is no manifest of mailaudit, or one of a later form.
var ErrNotManifest = errors.New("evidence: not a manifest of mailaudit")

// Manifest says what a run read and wrote. Everything that differs from run to run stands here and nowhere else, so that
// reports of the same mail are the same bytes.
type Manifest struct {
	Tool        string     `json:"tool"`
	Form        string     `json:"form"`
	Version     string     `json:"version"`      // of mailaudit
	RulesDigest string     `json:"rules_digest"` // as in the stream's config record
	Case        string     `json:"case,omitempty"`
	Examiner    string     `json:"examiner,omitempty"`
	Host        string     `json:"host,omitempty"`
	Command     []string   `json:"command,omitempty"` // as typed, without the program's name
	Started     time.Time  `json:"started"`
	Finished    time.Time  `json:"finished"`
	AsOf        *time.Time `json:"as_of,omitempty"`
	Zone        string     `json:"zone,omitempty"` // in which reports show times, by its IANA name; "" unknown
	Complete    bool       `json:"complete"`       // false: the scan was interrupted
	// Acknowledged are the findings that are marked because a person had acknowledged them: the same mail gives the same
	// reports only where the same ones are.
	Acknowledged []string   `json:"acknowledged,omitempty"`
	Sources      []Original `json:"sources"`
	// Beside are the files of Amazon's records and card statements that the mail was held against.
	Beside []Original `json:"beside,omitempty"`
	Files  []Written  `json:"files"` // what lies beside the manifest, sorted by name
}

// Original is a source as it was when it was read.
type Original struct {
	Name string `json:"name"`           // base name, escaped by EscapeName
	Path string `json:"path,omitempty"` // absolute, escaped by EscapeName
	Size int64  `json:"size"`           // bytes of the file, or of all files below the folder
	// Modified is the file's or folder's own time of change.
	Modified *time.Time `json:"modified,omitempty"`
	// SHA256 is as in the stream's source record.
	SHA256 Digest `json:"sha256,omitzero"`
}

// Written is a file that the run wrote.
type Written struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 Digest `json:"sha256"`
}

// File returns the entry of a written file.
func (m *Manifest) File(name string) (Written, bool) {
	for _, f := range m.Files {
		if f.Name == name {
			return f, true
		}
	}
	return Written{}, false
}

// Write writes the manifest as indented JSON.
func (m *Manifest) Write(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(m); err != nil {
		return fmt.Errorf("writing the manifest: %w", err)
	}
	return nil
}

// manifestMax is the largest manifest that is read, in bytes: one source or file takes some 300.
const manifestMax = 64 << 20

// ReadManifest reads what Write writes.
func ReadManifest(r io.Reader) (*Manifest, error) {
	var m Manifest
	if err := json.NewDecoder(io.LimitReader(r, manifestMax)).Decode(&m); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotManifest, err)
	}
	if m.Tool != ManifestTool || m.Form != ManifestForm {
		return nil, fmt.Errorf("%w: tool %q, form %q", ErrNotManifest, m.Tool, m.Form)
	}
	return &m, nil
}
