#include "spool/sqlite.hpp"

#include <system_error>

namespace dialhook::spool::sqlite {
namespace {

Error error_of(sqlite3* handle)
{
    // An I/O error has its cause in the extended code alone.
    const int code = ::sqlite3_extended_errcode(handle);
    std::string message = ::sqlite3_errmsg(handle);
    if ((code & 0xFF) == SQLITE_IOERR)
        message += " (" + std::to_string(code) + ")";
    if (code == SQLITE_CANTOPEN && ::sqlite3_system_errno(handle) != 0)
        message += ": " + std::generic_category().message(::sqlite3_system_errno(handle));
    return {code & 0xFF, message};
}

} // namespace

bool Error::is_broken_file() const
{
    return code_ == SQLITE_CORRUPT || code_ == SQLITE_NOTADB;
}

bool Error::is_locked() const
{
    return code_ == SQLITE_BUSY || code_ == SQLITE_LOCKED;
}

Connection::Connection(const std::string& path)
{
    sqlite3* handle = nullptr;
    const int code = ::sqlite3_open_v2(path.c_str(), &handle,
                                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    handle_.reset(handle);
    if (handle == nullptr)
        throw Error(SQLITE_NOMEM, "out of memory");
    if (code != SQLITE_OK)
        throw error_of(handle);
}

void Connection::run(const char* sql)
{
    if (::sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        throw error_of(handle_.get());
}

std::int64_t Connection::number(const char* sql)
{
    Statement statement(*this, sql);
    return statement.row() ? statement.number(0) : 0;
}

std::string Connection::text(const char* sql)
{
    Statement statement(*this, sql);
    return statement.row() ? std::string(statement.text(0)) : std::string();
}

std::int64_t Connection::last_id() const
{
    return ::sqlite3_last_insert_rowid(handle_.get());
}

int Connection::changes() const
{
    return ::sqlite3_changes(handle_.get());
}

bool Connection::is_idle() const
{
    return ::sqlite3_get_autocommit(handle_.get()) != 0;
}

Statement::Statement(Connection& connection, std::string_view sql)
{
    sqlite3_stmt* handle = nullptr;
    const int code = ::sqlite3_prepare_v3(connection.handle(), sql.data(), static_cast<int>(sql.size()),
                                          SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
    handle_.reset(handle);
    if (code != SQLITE_OK)
        throw error_of(connection.handle());
}

Statement& Statement::with(std::int64_t number)
{
    check(::sqlite3_bind_int64(handle_.get(), ++bound_, number));
    return *this;
}

Statement& Statement::with(std::string_view text)
{
    check(::sqlite3_bind_text64(handle_.get(), ++bound_, text.data() == nullptr ? "" : text.data(), text.size(),
                                SQLITE_TRANSIENT, SQLITE_UTF8));
    return *this;
}

Statement& Statement::with(std::nullptr_t)
{
    check(::sqlite3_bind_null(handle_.get(), ++bound_));
    return *this;
}

bool Statement::row()
{
    const int code = ::sqlite3_step(handle_.get());
    if (code == SQLITE_ROW)
        return true;
    if (code == SQLITE_DONE) {
        reset();
        return false;
    }
    check(code);
    return false;
}

void Statement::run()
{
    while (row())
        ;
}

void Statement::reset() noexcept
{
    ::sqlite3_reset(handle_.get());
    bound_ = 0;
}

bool Statement::is_null(int column) const
{
    return ::sqlite3_column_type(handle_.get(), column) == SQLITE_NULL;
}

std::int64_t Statement::number(int column) const
{
    return ::sqlite3_column_int64(handle_.get(), column);
}

std::string_view Statement::text(int column) const
{
    const auto* text = reinterpret_cast<const char*>(::sqlite3_column_text(handle_.get(), column));
    return text == nullptr
               ? std::string_view()
               : std::string_view(text, static_cast<std::size_t>(::sqlite3_column_bytes(handle_.get(), column)));
}

void Statement::check(int code)
{
    if (code == SQLITE_OK)
        return;
    const Error error = error_of(::sqlite3_db_handle(handle_.get()));
    reset();
    throw error;
}

Transaction::Transaction(Connection& connection)
    : connection_(connection)
{
    connection_.run("BEGIN IMMEDIATE");
}

Transaction::~Transaction()
{
    // SQLite may have rolled back by itself, when the disk was full.
    if (!connection_.is_idle())
        ::sqlite3_exec(connection_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit()
{
    connection_.run("COMMIT");
}

} // namespace dialhook::spool::sqlite
