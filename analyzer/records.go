package analyzer

import (
	"fmt"
	"slices"

	"github.com/mailaudit/mailaudit/analyzer/records"
)

// readRecords reads what Amazon keeps of the account, as given and as found among the paths; nil where there is none.
func readRecords(cfg *Config) (*records.Set, error) {
	paths := slices.Clone(cfg.Records)
	if cfg.State == nil {
		for _, p := range cfg.Paths {
			if !slices.Contains(paths, p) && records.Probe(p) {
				paths = append(paths, p)
			}
		}
	}
	if len(paths) == 0 {
		return nil, nil
	}
	set, err := records.Read(paths...)
	if err != nil {
		return nil, fmt.Errorf("beside the mail: %w", err)
	}
	return set, nil
}
