//! The production database: made and migrated by the node itself, held by a lock as long as the node writes.
//!
//! The lock belongs to the very session that writes. So a session that is lost, for whatever reason, takes the right
//! to write with it, and the next one must win the lock again before its first statement.

use std::process;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgDatabaseError, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};

use super::error::{Fault, StoreError, message, of_migration};
use super::session::{ACQUIRE, within};
use crate::domain::WarehouseId;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations/postgres");

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(3);
/// How long the making of the tables may take.
const MIGRATION: Duration = Duration::from_secs(120);
/// The key of the advisory lock; advisory locks are per database.
const LOCK: i64 = 0x7275_6265_6e74_6172;

/// The version of the tables that this program writes.
pub(super) fn version() -> i64 {
    MIGRATIONS.iter().map(|m| m.version).max().unwrap_or(0)
}

/// Where the database is and as whom it is used.
pub(super) struct Place {
    options: PgConnectOptions,
    database: String,
    user: String,
    server: String,
}

/// A server process that worked for this node: its pid and when it began.
pub(super) type Backend = (i32, String);

impl Place {
    /// Reads the address.
    pub(super) fn new(url: &str, node: &WarehouseId) -> Result<Self, StoreError> {
        let options: PgConnectOptions =
            url.parse().map_err(|error: sqlx::Error| Fault::Address { why: error.to_string() })?;
        let user = options.get_username().to_owned();
        let database = options.get_database().unwrap_or(&user).to_owned();
        let server = options.get_socket().map_or_else(
            || format!("{}:{}", options.get_host(), options.get_port()),
            |socket| socket.display().to_string(),
        );
        let options =
            options.application_name(&format!("rubentario {node} pid {}", process::id())).options([
                ("synchronous_commit", "on"),
                ("statement_timeout", "30s"),
                ("lock_timeout", "5s"),
                ("idle_in_transaction_session_timeout", "30s"),
                // A machine that lost its power keeps the lock until the server notices.
                ("tcp_keepalives_idle", "10"),
                ("tcp_keepalives_interval", "5"),
                ("tcp_keepalives_count", "3"),
            ]);
        Ok(Self { options, database, user, server })
    }

    /// The connections that read; none is opened yet.
    pub(super) fn readers(&self) -> PgPool {
        PgPoolOptions::new()
            .max_connections(4)
            .acquire_timeout(ACQUIRE)
            .idle_timeout(Duration::from_secs(300))
            // A connection of a server that is gone must be noticed before a question waits on it for ever.
            .test_before_acquire(false)
            .before_acquire(|connection, _| {
                Box::pin(async move {
                    let ping = tokio::time::timeout(Duration::from_millis(500), connection.ping());
                    Ok(matches!(ping.await, Ok(Ok(()))))
                })
            })
            // A plan made while the tables were empty would read them whole when they have grown.
            .connect_lazy_with(self.options.clone().options([("plan_cache_mode", "force_custom_plan")]))
    }

    /// Makes the database and its tables where they are missing; gives the connection that writes, with the lock.
    pub(super) async fn prepare(&self, last: &mut Option<Backend>) -> Result<PgConnection, StoreError> {
        let mut connection = match self.connect().await {
            Err(error) if code_of(&error).as_deref() == Some("3D000") => {
                self.create().await?;
                self.connect().await.map_err(|error| self.of_connecting(error))?
            }
            other => other.map_err(|error| self.of_connecting(error))?,
        };
        self.take_lock(&mut connection, last).await?;
        let migration = async {
            sqlx::query("SET statement_timeout = 0").execute(&mut connection).await?;
            MIGRATIONS
                .run_direct(None, &mut connection, false)
                .await
                .map_err(|error| self.of_migrating(error))?;
            sqlx::query("RESET statement_timeout").execute(&mut connection).await?;
            Ok(())
        };
        within(MIGRATION, migration).await?;
        Ok(connection)
    }

    /// Opens the connection that writes, and takes the lock with it.
    pub(super) async fn connect_to_write(
        &self,
        last: &mut Option<Backend>,
    ) -> Result<PgConnection, StoreError> {
        let mut connection = self.connect().await.map_err(|error| self.of_connecting(error))?;
        self.take_lock(&mut connection, last).await?;
        Ok(connection)
    }

    /// Says why there is no connection: a pool keeps the cause to itself.
    pub(super) async fn probe(&self) -> Result<(), StoreError> {
        let mut connection = self.connect().await.map_err(|error| self.of_connecting(error))?;
        within(CONNECT, async { Ok(connection.ping().await?) }).await
    }

    async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        open(&self.options).await
    }

    async fn create(&self) -> Result<(), StoreError> {
        let missing = |why: String| Fault::Missing { database: self.database.clone(), why };
        let mut connection = open(&self.options.clone().database("postgres")).await.map_err(|error| {
            match self.of_connecting(error) {
                StoreError::Config(fault) => missing(format!("it can't be made: {fault}")).into(),
                other => other,
            }
        })?;
        // The order of texts is the same everywhere then, whatever the server was set up with.
        let statement = format!(
            "CREATE DATABASE \"{}\" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'",
            self.database.replace('"', "\"\"")
        );
        let made = sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await;
        match made {
            Ok(_) => Ok(()),
            Err(error) => match code_of(&error).as_deref() {
                // Somebody else was faster.
                Some("42P04" | "23505") => Ok(()),
                Some("42501") => {
                    Err(missing(format!("{} may not create it ({})", self.user, message(&error))).into())
                }
                _ => Err(error.into()),
            },
        }
    }

    async fn take_lock(
        &self,
        connection: &mut PgConnection,
        last: &mut Option<Backend>,
    ) -> Result<(), StoreError> {
        within(CONNECT, async {
            let (pid, began, held): (i32, String, bool) = sqlx::query_as(
                "SELECT pid, CAST(backend_start AS text), pg_try_advisory_lock($1)
                 FROM pg_stat_activity WHERE pid = pg_backend_pid()",
            )
            .bind(LOCK)
            .fetch_one(&mut *connection)
            .await?;
            if !held {
                // The server may not have noticed yet that our last session is gone.
                let ended = match last.as_ref() {
                    Some(backend) => end(connection, backend).await?,
                    None => false,
                };
                if !ended {
                    return Err(self.holder(connection).await?.into());
                }
                sqlx::query("SELECT pg_advisory_lock($1)").bind(LOCK).execute(&mut *connection).await?;
            }
            *last = Some((pid, began));
            Ok(())
        })
        .await
    }

    async fn holder(&self, connection: &mut PgConnection) -> Result<Fault, sqlx::Error> {
        let row: Option<(Option<String>, Option<String>, i32)> = sqlx::query_as(
            "SELECT a.application_name, coalesce(a.client_hostname, host(a.client_addr)), a.pid
             FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
             WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
               AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
               AND (CAST(l.classid AS bigint) << 32) + CAST(l.objid AS bigint) = $1",
        )
        .bind(LOCK)
        .fetch_optional(connection)
        .await?;
        let by = match row {
            Some((name, host, session)) => format!(
                "{} on {} (session {session} of PostgreSQL at {})",
                name.filter(|n| !n.is_empty()).unwrap_or_else(|| "an unnamed process".into()),
                host.unwrap_or_else(|| "the database's own machine".into()),
                self.server
            ),
            None => format!("a process that ended just now (PostgreSQL at {})", self.server),
        };
        Ok(Fault::Held { by })
    }

    fn of_connecting(&self, error: sqlx::Error) -> StoreError {
        let why = message(&error);
        match code_of(&error).as_deref() {
            Some(code) if code.starts_with("28") => {
                Fault::LogIn { server: self.server.clone(), user: self.user.clone(), why }.into()
            }
            Some("3D000") => {
                Fault::Missing { database: self.database.clone(), why: "it is not made by a reader".into() }
                    .into()
            }
            Some("42501") => self.rights(why),
            _ => match error {
                sqlx::Error::Io(why) => StoreError::down(format!("PostgreSQL at {}: {why}", self.server)),
                sqlx::Error::Configuration(why) => Fault::Address { why: why.to_string() }.into(),
                other => other.into(),
            },
        }
    }

    fn of_migrating(&self, error: sqlx::migrate::MigrateError) -> StoreError {
        use sqlx::migrate::MigrateError::{Execute, ExecuteMigration};
        match error {
            Execute(error) | ExecuteMigration(error, _) if code_of(&error).as_deref() == Some("42501") => {
                self.rights(message(&error))
            }
            other => of_migration(other, version()),
        }
    }

    pub(super) fn rights(&self, why: String) -> StoreError {
        Fault::Rights { user: self.user.clone(), database: self.database.clone(), why }.into()
    }

    pub(super) fn database(&self) -> &str {
        &self.database
    }
}

/// Ends a session of ours, if it still is there.
async fn end(connection: &mut PgConnection, (pid, began): &Backend) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT coalesce(bool_or(pg_terminate_backend(pid)), false)
         FROM pg_stat_activity WHERE pid = $1 AND CAST(backend_start AS text) = $2",
    )
    .bind(pid)
    .bind(began)
    .fetch_one(connection)
    .await
}

async fn open(options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    tokio::time::timeout(CONNECT, PgConnection::connect_with(options)).await.unwrap_or_else(|_| {
        let why = format!("no answer within {} s", CONNECT.as_secs());
        Err(sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, why)))
    })
}

/// The SQLSTATE, where the server said no.
pub(super) fn code_of(error: &sqlx::Error) -> Option<String> {
    let postgres = error.as_database_error()?.try_downcast_ref::<PgDatabaseError>()?;
    Some(postgres.code().to_owned())
}
