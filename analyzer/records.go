package analyzer

import (
	"fmt"
	"slices"

	"github.com/mailaudit/mailaudit/analyzer/records"
)

// readRecords reads what Amazon keeps of the account, as given, else as found among the paths; nil where there is none.
func readRecords(cfg *Config) (*records.Set, error) {
	paths := slices.Clone(cfg.Records)
	if cfg.State == nil && len(paths) == 0 {
		for _, p := range cfg.Paths {
			for _, file := range records.Find(p) {
				if !slices.Contains(paths, file) {
					paths = append(paths, file)
				}
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
