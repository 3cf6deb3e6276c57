//! The terminal itself: entered and left as a whole, whatever happens in between.

use std::io::{self, Stdout, Write as _, stdout};
use std::sync::Once;

use crossterm::cursor::{Hide, Show};
use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, SetTitle, disable_raw_mode, enable_raw_mode,
};
use crossterm::{clipboard::CopyToClipboard, execute, queue};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use rustix::process::{Signal, kill_current_process_group};

/// The window in raw mode on the alternate screen, until it is dropped.
pub struct Window {
    terminal: Terminal<CrosstermBackend<Stdout>>,
    mouse: bool,
    title: String,
}

impl std::fmt::Debug for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Window").field("title", &self.title).finish_non_exhaustive()
    }
}

impl Window {
    /// Enters. A panic leaves it again before anything is said of it.
    ///
    /// # Errors
    /// When the terminal can't be set up.
    pub fn enter(mouse: bool, title: &str) -> io::Result<Self> {
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            let told = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                leave();
                told(panic);
            }));
        });
        set_up(mouse, title)?;
        let terminal = Terminal::new(CrosstermBackend::new(stdout()));
        match terminal {
            Ok(terminal) => Ok(Self { terminal, mouse, title: title.to_owned() }),
            Err(error) => {
                leave();
                Err(error)
            }
        }
    }

    /// Draws a frame.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn draw(&mut self, render: impl FnOnce(&mut ratatui::Frame)) -> io::Result<()> {
        self.terminal.draw(render).map(drop)
    }

    /// The window's size in cells.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn size(&self) -> io::Result<ratatui::layout::Size> {
        self.terminal.size()
    }

    /// Leaves, stops this process until the shell lets it go on, and enters again.
    ///
    /// # Errors
    /// When the terminal can't be set up again.
    pub fn suspend(&mut self) -> io::Result<()> {
        leave();
        // The whole job, as the terminal's own Ctrl-Z would: a script that started this one stops, too.
        kill_current_process_group(Signal::STOP)?;
        self.resume()
    }

    /// Enters again after a stop.
    ///
    /// # Errors
    /// When the terminal can't be set up again.
    pub fn resume(&mut self) -> io::Result<()> {
        set_up(self.mouse, &self.title)?;
        // What the shell wrote meanwhile is to be overdrawn whole.
        self.terminal = Terminal::new(CrosstermBackend::new(stdout()))?;
        Ok(())
    }

    /// Puts a text on the clipboard of the terminal, where it can do that.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        execute!(stdout(), CopyToClipboard::to_clipboard_from(text))
    }

    /// Rings.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn ring(&mut self) -> io::Result<()> {
        let mut out = stdout();
        out.write_all(b"\x07")?;
        out.flush()
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        leave();
    }
}

fn set_up(mouse: bool, title: &str) -> io::Result<()> {
    enable_raw_mode()?;
    let mut out = stdout();
    queue!(out, EnterAlternateScreen, EnableBracketedPaste, SetTitle(title), Hide)?;
    if mouse {
        queue!(out, EnableMouseCapture)?;
    }
    out.flush()
}

/// Nothing is left to do where even that can't be written.
fn leave() {
    let _ = disable_raw_mode();
    let _ = execute!(stdout(), DisableMouseCapture, DisableBracketedPaste, LeaveAlternateScreen, Show);
}
