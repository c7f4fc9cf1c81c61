package analyzer

import (
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/mailaudit/mailaudit/analyzer/brand"
	"github.com/mailaudit/mailaudit/analyzer/event"
	"github.com/mailaudit/mailaudit/analyzer/limit"
)

// complete sets what the caller left out. end gives back what was made for that.
func (cfg *Config) complete() (end func(), err error) {
	switch {
	case len(cfg.Paths) == 0:
		return nil, fmt.Errorf("%w: Paths names no mail", ErrConfig)
	case cfg.State != nil && cfg.AsOf.IsZero():
		return nil, fmt.Errorf("%w: State needs AsOf", ErrConfig)
	case cfg.State != nil && len(cfg.Records) > 0:
		return nil, fmt.Errorf("%w: Records go without State", ErrConfig)
	}
	if cfg.Workers == 0 {
		cfg.Workers = runtime.GOMAXPROCS(0)
	}
	if cfg.Brands == nil {
		cfg.Brands = brand.Builtin()
	}
	if cfg.Events == nil {
		cfg.Events = event.Builtin()
	}
	if cfg.Limits == (limit.Limits{}) {
		cfg.Limits = limit.Default()
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Dir != "" {
		return func() {}, nil
	}
	if cfg.Dir, err = os.MkdirTemp("", "mailaudit-"); err != nil {
		return nil, fmt.Errorf("making a folder for the spool: %w", err)
	}
	return func() { _ = os.RemoveAll(cfg.Dir) }, nil
}
